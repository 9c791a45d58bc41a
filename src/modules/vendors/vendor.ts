/** What a vendor may become, and who may decide it. Pure: the caller gives the person and the moment. */

import { barredFrom } from '../../shared/decisions/history.ts';
import { requireStatus } from '../../shared/decisions/status.ts';
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import { conflictError, DomainError, type ErrorItem, refuseIfAny } from '../../shared/errors.ts';
import { isCurrency } from '../../shared/money.ts';
import { parsePaymentTerms, renderPaymentTerms } from '../../shared/payment-terms.ts';
import { addressFindings } from '../../shared/postal-address.ts';
import { uncarriedFindings } from '../../shared/sepa-text.ts';
import type { CreateVendor, UpdateVendor, Vendor, VendorStatus } from './vendor.schema.ts';
import { approvedChange, rejectedChange, type VendorHand, waitingChange, withGuardedChanges } from './vendor-change.ts';

/** Of a vendor that was approved, `approve` and `reject` decide a change that waits. */
export type VendorAction = LifecycleAction | 'reject';
type LifecycleAction = 'approve' | 'hold' | 'release' | 'block' | 'unblock' | 'archive' | 'unarchive';

/** docs/contract.md#resources: pending -> active <-> payment_hold; active <-> blocked; <-> archived. A held vendor may also be blocked, and is then held again. */
const TRANSITIONS: Readonly<
  Record<LifecycleAction, { readonly from: readonly VendorStatus[]; readonly to?: VendorStatus }>
> = {
  approve: { from: ['pending'], to: 'active' },
  hold: { from: ['active'], to: 'payment_hold' },
  release: { from: ['payment_hold'], to: 'active' },
  block: { from: ['active', 'payment_hold'], to: 'blocked' },
  unblock: { from: ['blocked'] },
  archive: { from: ['pending', 'active', 'payment_hold', 'blocked'], to: 'archived' },
  unarchive: { from: ['archived'] },
};

export function newVendor(id: string, body: CreateVendor, actorId: string): Draft<Vendor> {
  const { payment_terms } = canonical(body);
  return {
    id,
    status: 'pending',
    name: body.name,
    email: body.email,
    phone: body.phone ?? null,
    address: body.address ?? null,
    tax_id: body.tax_id ?? null,
    payment_terms,
    currency: body.currency,
    discount_base: body.discount_base ?? 'total',
    invoice_numbers_restart_yearly: body.invoice_numbers_restart_yearly ?? false,
    bank_accounts: [],
    approved_by: null,
    changed_by: [],
    archived_from: null,
    blocked_from: null,
    created_by: actorId,
  };
}

export function changedVendor(vendor: Vendor, body: UpdateVendor, hand: VendorHand): Draft<Vendor> {
  if (vendor.status === 'archived')
    throw conflictError('vendor.archived', 'An archived vendor does not change. Unarchive it first.');
  return {
    ...vendor,
    ...withGuardedChanges(vendor, canonical(body), hand),
    ...(vendor.invoice_numbers_restart_yearly ? { invoice_numbers_restarted_yearly: true } : {}),
    changed_by: [...new Set([...vendor.changed_by, hand.actorId])],
  };
}

/** @throws DomainError 409 from a state that the action does not leave, 403 when the approver has had a hand in it. */
export function decideVendor(vendor: Vendor, action: VendorAction, actorId: string): Draft<Vendor> {
  if (action === 'reject') return rejectedChange(vendor);
  if (action === 'approve' && waitingChange(vendor) !== undefined) return approvedChange(vendor, actorId);
  const { from, to } = TRANSITIONS[action];
  requireStatus('vendor', vendor.status, { action, from });
  if (action === 'approve') refuseOwnApproval(vendor, actorId);
  return {
    ...vendor,
    // What waits for a vendor that is put away is proposed anew when it comes back.
    ...(action === 'archive' && vendor.proposed ? { proposed: null } : {}),
    status: to ?? formerStatus(vendor, action),
    approved_by: action === 'approve' ? actorId : vendor.approved_by,
    archived_from: action === 'archive' ? vendor.status : action === 'unarchive' ? null : vendor.archived_from,
    blocked_from: action === 'block' ? vendor.status : action === 'unblock' ? null : (vendor.blocked_from ?? null),
  };
}

/** What was archived or blocked is again what it was: neither approved nor released by coming back. */
const formerStatus = ({ archived_from, blocked_from }: Vendor, action: VendorAction): VendorStatus =>
  action === 'unblock' ? (blocked_from ?? 'active') : (archived_from ?? 'pending');

/** docs/rules.md#who: the approver of a vendor is not its proposer; nor who changed what they approve. */
export const mayApproveVendor = (vendor: Vendor, actorId: string): boolean =>
  !barredFrom('approve_vendor', vendor).has(actorId);

function refuseOwnApproval(vendor: Vendor, actorId: string): void {
  if (mayApproveVendor(vendor, actorId)) return;
  throw new DomainError(
    'forbidden',
    'vendor.segregation-of-duties',
    'You proposed or changed this vendor; another vendor manager approves it.',
  );
}

/** What an order or an invoice may be opened for. @throws DomainError 422 */
export function requireVendorFor(vendor: Vendor, purpose: 'draft' | 'order' | 'invoice' | 'payment'): void {
  const allowed: Readonly<Record<typeof purpose, readonly VendorStatus[]>> = {
    draft: ['pending', 'active', 'payment_hold'],
    order: ['active', 'payment_hold'],
    invoice: ['active', 'payment_hold', 'blocked'],
    payment: ['active'],
  };
  if (allowed[purpose].includes(vendor.status)) return;
  throw new DomainError(
    'rule',
    'vendor.not-active',
    `The vendor is ${vendor.status}; for ${purpose === 'order' ? 'an order' : purpose === 'invoice' ? 'an invoice' : `a ${purpose}`} it must be ${allowed[purpose].join(' or ')}.`,
    { errors: [{ pointer: '/vendor_id', detail: `is ${vendor.status}` }] },
  );
}

/** Terms in the one form in which they are stored. @throws DomainError 422 with all that is wrong */
function canonical<T extends UpdateVendor>(body: T): T {
  const errors: ErrorItem[] = body.name === undefined ? [] : uncarriedFindings(body.name, '/name');
  if (body.address) errors.push(...addressFindings(body.address, '/address', 'structured'));
  if (body.currency !== undefined && !isCurrency(body.currency))
    errors.push({ pointer: '/currency', detail: 'is not a currency of ISO 4217 that is paid in' });
  const parsed = body.payment_terms === undefined ? undefined : parsePaymentTerms(body.payment_terms);
  if (parsed?.finding !== undefined) errors.push(parsed.finding);
  refuseIfAny('vendor.invalid', 'The vendor is invalid.', errors);
  return parsed?.terms === undefined ? body : { ...body, payment_terms: renderPaymentTerms(parsed.terms) };
}
