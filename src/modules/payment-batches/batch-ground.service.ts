/** What decisions on a batch stand on besides the batch: its candidates, the account that pays, the company, and who could approve. */
import type { Actor, WithRate } from '../../shared/command.ts';
import { paymentWindow } from '../../shared/date-window.ts';
import { isWithinLimit } from '../../shared/decisions/approval-limit.ts';
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import { refuseIfAny, ruleError } from '../../shared/errors.ts';
import type { InvoiceService } from '../invoices/index.ts';
import { ownReference, type PaymentRepository } from '../payments/index.ts';
import type { DebtorAccount, SettingsService } from '../settings/index.ts';
import { checkPaymentFile } from './formats/index.ts';
import { fileOf } from './member.ts';
import type { Batch, CreateBatch, Pinned } from './payment-batch.schema.ts';
import { mayApproveBatch, noEligibleApprover } from './payment-batch.ts';
import { pinnedFrom } from './pinned.ts';

export interface BatchGroundDeps {
  readonly payments: PaymentRepository;
  readonly invoices: InvoiceService;
  readonly settings: SettingsService;
  readonly withRate: WithRate;
  /** Active users who may approve batches and are let through by `may`, with their approval limits as stored now. */
  readonly approvers: (may: (userId: string) => boolean) => AsyncIterable<Actor>;
}

/** More candidates than this make another run. */
const MAX_CANDIDATES = 10_000;

/** Payments by id, or all that wait and every invoice due by then; what cannot be paid is told by the run. */
export async function candidatesOf(deps: BatchGroundDeps, body: CreateBatch): Promise<readonly string[]> {
  if (body.payment_ids !== undefined) return body.payment_ids;
  const found: string[] = [];
  for await (const { id } of deps.payments.waiting()) found.push(id);
  for await (const { id } of deps.invoices.payable('invoice', body.due_on_or_before)) found.push(id);
  if (found.length > MAX_CANDIDATES)
    throw ruleError(
      'payment_batch.too-many',
      `${found.length} payments and invoices are due by then; a run takes ${MAX_CANDIDATES}. Give an earlier day.`,
      [{ pointer: '/due_on_or_before', detail: 'is too late for one run' }],
    );
  return found;
}

export async function requireCreatable(
  deps: BatchGroundDeps,
  body: CreateBatch,
  debtor: DebtorAccount,
  now: Date,
): Promise<void> {
  const errors = [];
  const detail = 'give either payment_ids or due_on_or_before';
  if ((body.payment_ids === undefined) === (body.due_on_or_before === undefined))
    errors.push({ pointer: '/payment_ids', detail }, { pointer: '/due_on_or_before', detail });
  if (debtor.status !== 'active') errors.push({ pointer: '/debtor_account_id', detail: `is ${debtor.status}` });
  if (debtor.currency !== 'EUR')
    errors.push({ pointer: '/debtor_account_id', detail: `is in ${debtor.currency}; only EUR has a file format yet` });
  errors.push(...(await headerFindings(deps, body.execution_date, debtor, now)));
  // That the day is not past, the file's own check says.
  const { last } = paymentWindow(await deps.settings.today(now));
  if (body.execution_date > last) errors.push({ pointer: '/execution_date', detail: `is after ${last}` });
  refuseIfAny(
    'payment_batch.invalid',
    `The batch cannot be made: ${[...new Set(errors.map(said))].join('; ')}.`,
    errors,
  );
}

const said = ({ detail }: { readonly detail: string }): string => detail.replace(/\.$/, '');

/** What a bank would refuse of the debtor and the day, before there is any payment. */
async function headerFindings(deps: BatchGroundDeps, executionDate: string, debtor: DebtorAccount, now: Date) {
  const [company, generated_on] = await Promise.all([deps.settings.companyFacts(), deps.settings.today(now)]);
  const fixed = { ...pinnedFrom(debtor, company), created_at: now.toISOString(), generated_on };
  const file = fileOf({ message_id: 'PROBE', execution_date: executionDate, currency: debtor.currency }, fixed, []);
  return checkPaymentFile(file, { version: debtor.bank_profile, today: fixed.generated_on })
    .filter(({ pointer }) => !pointer.startsWith('/payments'))
    .map(({ pointer, detail, rule }) => ({
      pointer: pointer.startsWith('/execution_date') ? pointer : '/debtor_account_id',
      detail,
      rule,
    }));
}

/** As the settings stand now. */
export async function fileFacts(deps: BatchGroundDeps, { debtor_account_id }: Pick<Batch, 'debtor_account_id'>) {
  const [debtor, company] = await Promise.all([
    deps.settings.debtorAccount(debtor_account_id),
    deps.settings.company(),
  ]);
  return { debtor, facts: pinnedFrom(debtor, company) };
}

/** Whoever submits it is barred as well. @throws DomainError 422 where nobody could approve it */
export async function requireApprover(deps: BatchGroundDeps, submitted: Draft<Batch>, now: Date): Promise<void> {
  const beyondLimit: string[] = [];
  for await (const approver of deps.approvers((userId) => mayApproveBatch(submitted, userId))) {
    const { approval_limit } = await deps.withRate(approver, submitted.currency, now);
    if (isWithinLimit(approval_limit, submitted.control_sum, submitted.currency)) return;
    beyondLimit.push(approver.id);
  }
  throw noEligibleApprover(submitted, beyondLimit);
}

/** @throws DomainError 422 with all that a bank, or the settings, have against it */
export async function requireFileCanBeMade(deps: BatchGroundDeps, batch: Batch, debtor: DebtorAccount, now: Date) {
  const errors = await headerFindings(deps, batch.execution_date, debtor, now);
  if (debtor.status !== 'active')
    errors.push({ pointer: '/debtor_account_id', detail: `is ${debtor.status}`, rule: '' });
  if (debtor.currency !== batch.currency)
    errors.push({ pointer: '/debtor_account_id', detail: `is in ${debtor.currency} now`, rule: 'Ccy' });
  refuseIfAny('payment_batch.not-generatable', `No file can be made: ${errors.map(said).join('; ')}.`, errors);
}

/** Of what was pinned and approved: what stands in the settings is compared with it and not read again. */
export async function fixedFile(deps: BatchGroundDeps, batch: Batch, debtor: DebtorAccount, pinned: Pinned, now: Date) {
  await requireFileCanBeMade(deps, batch, debtor, now);
  const { initiating_party, debtor: payer, profile_version, creditor_address } = pinned;
  return {
    message_id: ownReference(batch.id),
    profile_version,
    creditor_address,
    fixed: {
      created_at: now.toISOString(),
      generated_on: await deps.settings.today(now),
      initiating_party,
      debtor: payer,
    },
  };
}
