/** Who approves an invoice, in which steps, and what approval makes of it. Pure. */
import type { Actor } from '../../shared/command.ts';
import { requireWithinLimit } from '../../shared/decisions/approval-limit.ts';
import { barredFrom, remembered, withKeyMakers } from '../../shared/decisions/history.ts';
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import { DomainError, refusalOf, ruleError } from '../../shared/errors.ts';
import type { Permission } from '../../shared/permissions.ts';
import type { QuantityTake } from './domain/match-facts.ts';
import { creditStatus, payableStatus } from './domain/open-amount.ts';
import type { Approval, Invoice } from './invoice.schema.ts';
import { requireStatus } from './invoice.ts';

export type Step = Approval['step'];

const STEP_PERMISSION: Readonly<Record<Step, Permission>> = {
  override: 'invoice:override',
  approver: 'invoice:approve_without_po',
  ap_manager: 'invoice:approve',
};

/** The shipped policy (docs/contract.md#who-may): ap_manager; without an order an approver first. */
export const policySteps = (invoice: Pick<Invoice, 'po_id'>): readonly Step[] =>
  invoice.po_id === null ? ['approver', 'ap_manager'] : ['ap_manager'];

export const isOverridden = (invoice: Pick<Invoice, 'approvals'>): boolean =>
  invoice.approvals.some(({ step }) => step === 'override');

/** What an approval now would be: an exception is overridden first, and by somebody else than approves it. */
export function nextStep(invoice: Pick<Invoice, 'po_id' | 'approvals'>, isException: boolean): Step {
  if (isException && !isOverridden(invoice)) return 'override';
  const done = invoice.approvals.filter(({ step }) => step !== 'override').length;
  return policySteps(invoice)[done] ?? 'ap_manager';
}

const isLastStep = (invoice: Pick<Invoice, 'po_id'>, step: Step): boolean => policySteps(invoice).at(-1) === step;

/**
 * docs/rules.md#who: not who entered or changed it, or overrode its match in any round; and each step of a round is another person's.
 * Who overrode it before may override it again, since the approval is another person's all the same.
 */
export const mayApproveInvoice = (
  invoice: Pick<Invoice, 'created_by' | 'changed_by' | 'approvals' | 'history'>,
  step: Step,
  actorId: string,
): boolean =>
  !barredFrom(step === 'override' ? 'override_invoice' : 'approve_invoice', invoice).has(actorId) &&
  !withKeyMakers(
    invoice,
    invoice.approvals.map(({ approved_by }) => approved_by),
  ).includes(actorId);

/** @throws DomainError 403 for want of the permission, of another person, or of a limit high enough. */
export function requireApprover(invoice: Invoice, step: Step, actor: Actor): void {
  requirePermission(actor, STEP_PERMISSION[step]);
  if (!mayApproveInvoice(invoice, step, actor.id))
    throw new DomainError(
      'forbidden',
      'invoice.segregation-of-duties',
      'You entered, changed, overrode or approved this invoice already; the next step is another person’s.',
    );
  requireWithinLimit('invoice', actor.approval_limit, invoice.total_amount, invoice.currency);
}

/** Whether an approval by this person would be heard at this moment. */
export const mayApproveNow = (invoice: Invoice, actor: Actor): boolean =>
  refusalOf(() => {
    requireStatus(invoice, 'approve');
    requireApprover(invoice, nextStep(invoice, invoice.status === 'exception'), actor);
  }) === undefined;

/** @throws DomainError 422 */
export function requireReason(step: Step, reason: string | undefined): void {
  if (step !== 'override' || reason !== undefined) return;
  throw ruleError('invoice.reason-required', 'The match is an exception; approving it takes a reason.', [
    { pointer: '/reason', detail: 'is required to approve an exception' },
  ]);
}

export function requirePermission(actor: Actor, permission: Permission): void {
  if (actor.permissions.has(permission)) return;
  throw new DomainError(
    'forbidden',
    'auth.permission-missing',
    `This step takes the permission ${permission}; your roles are ${actor.roles.join(', ') || 'none'}.`,
  );
}

export interface ApprovalFacts {
  readonly actorId: string;
  readonly now: Date;
  readonly reason: string | undefined;
  /** What the invoice holds of its order once it is approved. */
  readonly takes: readonly QuantityTake[];
}

/** After the policy's last step an invoice's status follows its open amount: one that was paid in advance is paid. */
export function approvedInvoice(invoice: Draft<Invoice>, step: Step, facts: ApprovalFacts): Draft<Invoice> {
  const { actorId, now, reason } = facts;
  const approval = { step, approved_by: actorId, approved_at: now.toISOString(), reason: reason ?? null };
  const approvals = [...invoice.approvals, approval];
  const history = remembered({ ...invoice, approvals });
  const last = isLastStep(invoice, step);
  // A credit note gives quantities back once, when nobody can take its approval for granted any more.
  const takes = invoice.type === 'credit_note' && !last ? [] : [...facts.takes];
  if (!last) return { ...invoice, approvals, history, takes, status: 'pending_approval' };
  const status = invoice.type === 'credit_note' ? creditStatus(invoice) : payableStatus(invoice);
  return { ...invoice, approvals, history, takes, status, approved_by: actorId };
}
