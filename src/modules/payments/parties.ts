/** Who is paid: the vendor and its account as they stand, and conditions that hold a decision to what it read. */
import type { PendingWrite } from '../../shared/dynamo/unit-of-work.ts';
import type { Invoice } from '../invoices/index.ts';
import type { BankAccount, Vendor, VendorService } from '../vendors/index.ts';
import { type Obstacle, obstacles, refuseObstacles } from './payable.ts';
import type { Creditor } from './payment.schema.ts';

export interface Payee {
  readonly vendor: Vendor;
  /** Undefined where the vendor has none to be paid to. */
  readonly account: BankAccount | undefined;
}

/** The vendor with its active account, or with the one that a payment is frozen to. Strongly consistent. */
export async function loadPayee(vendors: VendorService, vendorId: string, accountId?: string): Promise<Payee> {
  if (accountId !== undefined) {
    const [vendor, account] = await Promise.all([vendors.get(vendorId), vendors.getAccount(vendorId, accountId)]);
    return { vendor, account };
  }
  const vendor = await vendors.get(vendorId);
  const id = vendor.bank_accounts.find(({ status }) => status === 'active')?.id;
  return { vendor, account: id === undefined ? undefined : await vendors.getAccount(vendorId, id) };
}

/** @param noFormat what else stands against paying to the account. @throws DomainError 422 with all that stands against paying them */
export function requirePayee(
  { vendor, account }: Payee,
  invoice: Invoice,
  now: Date,
  noFormat: (account: BankAccount) => Obstacle | undefined = () => undefined,
): BankAccount {
  const uncarried = account && noFormat(account);
  refuseObstacles([...obstacles({ vendor, account, invoice, now }), ...(uncarried === undefined ? [] : [uncarried])]);
  if (account === undefined) throw new TypeError('a payee without an account is refused above');
  return account;
}

export const frozen = (account: BankAccount, { address }: Pick<Vendor, 'address'>): Creditor => ({
  bank_account_id: account.id,
  holder_name: account.holder_name,
  country: account.country,
  iban: account.iban,
  bic: account.bic,
  routing_number: account.routing_number,
  account_number: account.account_number,
  address,
});

/** A vendor or account that changed since it was read makes the decision again: reading and then deciding on something else is write skew. */
export const payeeChecks = (vendorId: string, accountId: string): readonly PendingWrite[] => [
  active('vendors', vendorId),
  active('bank_accounts', accountId),
];

const active = (table: 'vendors' | 'bank_accounts', id: string): PendingWrite => ({
  action: 'check',
  table,
  key: { id },
  condition: { kind: 'equals', attribute: 'status', value: 'active' },
});

export const invoiceCheck = ({ id, version }: Invoice): PendingWrite => ({
  action: 'check',
  table: 'invoices',
  key: { id },
  condition: { kind: 'equals', attribute: 'version', value: version },
});
