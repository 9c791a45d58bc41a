/** What keeps a payment from being made, approved or put into a file (docs/rules.md#money-out). Pure. */
import { ruleError } from '../../shared/errors.ts';
import { type Invoice, notPayable } from '../invoices/index.ts';
import type { BankAccount, Vendor } from '../vendors/index.ts';

export const OBSTACLE_CODES = [
  'held',
  'disputed',
  'not_approved',
  'not_due',
  'no_account',
  'vendor_not_active',
  'below_minimum',
  'already_in_run',
  'credit_exceeds',
  'nothing_payable',
  'no_format',
  'approved_by_releaser',
  'not_found',
] as const;
export type ObstacleCode = (typeof OBSTACLE_CODES)[number];

export interface Obstacle {
  readonly code: ObstacleCode;
  readonly reason: string;
}

/** The parties to a payment as they stand. `account` is undefined where the vendor has none to be paid to. */
export interface Parties {
  readonly vendor: Pick<Vendor, 'status' | 'name'>;
  readonly account: Pick<BankAccount, 'status' | 'payable_from'> | undefined;
  readonly invoice: Pick<Invoice, 'type' | 'status' | 'holds'> & Partial<Pick<Invoice, 'amount_due'>>;
  readonly now: Date;
}

/** Every one, the vendor's first. */
export function obstacles({ vendor, account, invoice, now }: Parties): readonly Obstacle[] {
  return [vendorObstacle(vendor), accountObstacle(account, now), invoiceObstacle(invoice)].filter(
    (found) => found !== undefined,
  );
}

function vendorObstacle({ status, name }: Parties['vendor']): Obstacle | undefined {
  if (status === 'active') return undefined;
  if (status === 'payment_hold') return { code: 'held', reason: `Payments to ${name} are on hold.` };
  return { code: 'vendor_not_active', reason: `${name} is ${status}; only an active vendor is paid.` };
}

export function accountObstacle(account: Parties['account'], now: Date): Obstacle | undefined {
  if (account === undefined) return { code: 'no_account', reason: 'The vendor has no active bank account.' };
  if (account.status !== 'active')
    return { code: 'no_account', reason: `The bank account of the payment is ${account.status}.` };
  if (account.payable_from !== null && account.payable_from > now.toISOString())
    return {
      code: 'no_account',
      reason: `The bank account was approved lately and is paid to from ${account.payable_from}.`,
    };
  return undefined;
}

/** An invoice that live payments cover in full may still be released to the bank: only its status and holds count here. */
function invoiceObstacle(invoice: Parties['invoice']): Obstacle | undefined {
  const found = notPayable(invoice);
  if (found === undefined) return undefined;
  return { code: found.code === 'credit_note' ? 'not_approved' : found.code, reason: found.detail };
}

const POINTERS: Partial<Record<ObstacleCode, string>> = { no_account: '/vendor_id', vendor_not_active: '/vendor_id' };

/** @throws DomainError 422 with every obstacle */
export function refuseObstacles(found: readonly Obstacle[]): void {
  if (found.length === 0) return;
  throw ruleError(
    'payment.not-payable',
    found.map(({ reason }) => reason).join(' '),
    found.map(({ code, reason }) => ({ pointer: POINTERS[code] ?? '/invoice_id', detail: reason, rule: code })),
  );
}
