/** What a vendor's bank account may become, and who may decide it. Pure. */

import {
  accountNumberFindings,
  bicFindings,
  ibanCountry,
  ibanFindings,
  maskAccountNumber,
  maskIban,
  normaliseAccountNumber,
  routingNumberFindings,
} from '../../shared/bank-account-number.ts';
import { barredFrom, remembered } from '../../shared/decisions/history.ts';
import { requireStatus } from '../../shared/decisions/status.ts';
import {
  isSameNumber,
  mayEnterNumber,
  requireEntry,
  requireMayEnter,
  requireNoNumberIn,
  withWrongEntry,
  wrongEntry,
} from '../../shared/decisions/verification.ts';
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import { conflictError, DomainError, type ErrorItem, refuseIfAny } from '../../shared/errors.ts';
import { uncarriedFindings } from '../../shared/sepa-text.ts';
import type { ApproveBankAccount, BankAccount, BankAccountSummary, ProposeBankAccount } from './bank-account.schema.ts';
import type { Vendor } from './vendor.schema.ts';

export function proposedAccount(
  id: string,
  vendor: Vendor,
  body: ProposeBankAccount,
  actorId: string,
): Draft<BankAccount> {
  if (vendor.status === 'archived')
    throw conflictError('vendor.archived', 'An archived vendor takes no bank account. Unarchive it first.');
  const details = body.iban === undefined ? routedDetails(body) : ibanDetails(body, body.iban);
  return {
    id,
    status: 'proposed',
    vendor_id: vendor.id,
    holder_name: body.holder_name,
    ...details,
    approved_by: null,
    payable_from: null,
    created_by: actorId,
  };
}

type Details = Pick<BankAccount, 'country' | 'iban' | 'bic' | 'routing_number' | 'account_number'>;

function ibanDetails(body: ProposeBankAccount, given: string): Details {
  const iban = normaliseAccountNumber(given);
  const bic = body.bic === undefined ? null : normaliseAccountNumber(body.bic);
  const errors: ErrorItem[] = [
    ...holderFindings(body),
    ...ibanFindings(iban),
    ...(bic === null ? [] : bicFindings(bic)),
  ];
  for (const name of ['routing_number', 'account_number'] as const)
    if (body[name] !== undefined) errors.push({ pointer: `/${name}`, detail: 'does not go with an iban' });
  if (body.country !== undefined && body.country !== ibanCountry(iban))
    errors.push({ pointer: '/country', detail: `the IBAN is one of ${ibanCountry(iban)}` });
  refuse(errors);
  return { country: ibanCountry(iban), iban, bic, routing_number: null, account_number: null };
}

function routedDetails(body: ProposeBankAccount): Details {
  const { country, routing_number, account_number, bic } = body;
  const errors: ErrorItem[] = holderFindings(body);
  const required = { country, routing_number, account_number };
  for (const [name, value] of Object.entries(required))
    if (value === undefined) errors.push({ pointer: `/${name}`, detail: 'is required where there is no iban' });
  if (bic !== undefined) errors.push({ pointer: '/bic', detail: 'goes with an iban only' });
  if (country !== undefined && country !== 'US')
    errors.push({ pointer: '/country', detail: 'accounts outside the US are given by iban' });
  const routing = normaliseAccountNumber(routing_number ?? '');
  const number = normaliseAccountNumber(account_number ?? '');
  if (routing_number !== undefined) errors.push(...routingNumberFindings(routing));
  if (account_number !== undefined) errors.push(...accountNumberFindings(number));
  refuse(errors);
  return { country: 'US', iban: null, bic: null, routing_number: routing, account_number: number };
}

const holderFindings = ({ holder_name }: ProposeBankAccount): ErrorItem[] =>
  uncarriedFindings(holder_name, '/holder_name');

const refuse = (errors: readonly ErrorItem[]): void =>
  refuseIfAny('bank_account.invalid', 'The bank account is invalid.', errors);

export interface ApprovalFacts {
  readonly actorId: string;
  readonly now: Date;
  readonly coolingHours: number;
  /** Who made payments to this vendor that are still open (docs/rules.md#who). */
  readonly openPaymentMakers: ReadonlySet<string>;
}

/** docs/rules.md#who: the approver of an account is nobody who ever proposed it, nor the maker of a payment open to the vendor. */
export const mayApproveAccount = (
  account: BankAccount,
  { actorId, openPaymentMakers }: Pick<ApprovalFacts, 'actorId' | 'openPaymentMakers'>,
): boolean =>
  !barredFrom('approve_account', account).has(actorId) &&
  !openPaymentMakers.has(actorId) &&
  mayEnterNumber(account.wrong_entries, actorId);

/** Whose number it may be: the masked list tells which of a vendor's accounts to look at. */
export const mayBeSameNumber = (account: Draft<BankAccount>, listed: BankAccountSummary): boolean =>
  sameNumber(maskedAccount(account), listed);

const sameNumber = (a: AccountNumber, b: AccountNumber): boolean =>
  a.iban === b.iban && a.routing_number === b.routing_number && a.account_number === b.account_number;

type AccountNumber = Pick<BankAccount, 'iban' | 'routing_number' | 'account_number'>;

/** Rejected or revoked, and proposed again by another: whoever proposed the number before still does not approve it. */
export function proposedAgain(account: Draft<BankAccount>, earlier: readonly BankAccount[]): Draft<BankAccount> {
  const same = earlier.filter((other) => sameNumber(account, other));
  const proposers = same.flatMap((other) => [...barredFrom('approve_account', other)]);
  return { ...account, history: remembered(account, ...proposers.map((by) => ({ by, act: 'proposed' as const }))) };
}

/** The account as it is after an approval that was asked for: active, or proposed with another wrong entry on record. */
export interface ApprovalOutcome {
  readonly account: Draft<BankAccount>;
  readonly refusal?: DomainError;
}

/**
 * @throws DomainError 409 unless it is proposed, 403 for its proposer, the maker of a payment open to the vendor and a person without
 * an entry left, 422 where not the fields of this account were entered
 */
export function approvedAccount(
  account: BankAccount,
  entered: ApproveBankAccount,
  facts: ApprovalFacts,
): ApprovalOutcome {
  const { actorId } = facts;
  requireStatus('bank_account', account.status, { action: 'approve', from: ['proposed'] });
  refuseOwnApproval(account, facts);
  requireMayEnter('bank_account', account.wrong_entries, actorId);
  requireEntry('bank_account', account, entered);
  if (!isSameNumber(account, entered)) {
    const wrong_entries = withWrongEntry(account.wrong_entries, actorId);
    return { account: { ...account, wrong_entries }, refusal: wrongEntry('bank_account', wrong_entries, actorId) };
  }
  const { verification_method, verification_reference } = entered;
  requireNoNumberIn('bank_account', verification_reference, account);
  const payable_from = new Date(facts.now.getTime() + facts.coolingHours * 3_600_000).toISOString();
  const approval = { approved_by: actorId, payable_from, verification_method, verification_reference };
  return { account: { ...account, status: 'active', ...approval } };
}

function refuseOwnApproval(account: BankAccount, { actorId, openPaymentMakers }: ApprovalFacts): void {
  const proposed = barredFrom('approve_account', account).has(actorId);
  if (!proposed && !openPaymentMakers.has(actorId)) return;
  throw new DomainError(
    'forbidden',
    'bank_account.segregation-of-duties',
    proposed
      ? 'You proposed this account; another vendor manager approves it.'
      : 'You made a payment that is open to this vendor; somebody else approves its account.',
  );
}

export function rejectedAccount(account: BankAccount): Draft<BankAccount> {
  requireStatus('bank_account', account.status, { action: 'reject', from: ['proposed'] });
  return { ...account, status: 'rejected' };
}

export function revokedAccount(account: BankAccount): Draft<BankAccount> {
  requireStatus('bank_account', account.status, { action: 'revoke', from: ['active', 'proposed'] });
  return { ...account, status: 'revoked' };
}

export const supersededAccount = (account: BankAccount): Draft<BankAccount> => ({ ...account, status: 'superseded' });

/** Numbers masked: what may stand in a vendor, a list and an event. */
export function maskedAccount<T extends Draft<BankAccount>>(account: T): T {
  return {
    ...account,
    iban: account.iban === null ? null : maskIban(account.iban),
    account_number: account.account_number === null ? null : maskAccountNumber(account.account_number),
  };
}

/** The vendor's list with this account in it as it now is. */
export function withAccount(vendor: Vendor, account: Draft<BankAccount>): readonly BankAccountSummary[] {
  const masked = maskedAccount(account);
  const summary: BankAccountSummary = {
    id: masked.id,
    status: masked.status,
    holder_name: masked.holder_name,
    country: masked.country,
    iban: masked.iban,
    bic: masked.bic,
    routing_number: masked.routing_number,
    account_number: masked.account_number,
    approved_by: masked.approved_by,
    payable_from: masked.payable_from,
  };
  const known = vendor.bank_accounts.some(({ id }) => id === account.id);
  return bounded(
    known
      ? vendor.bank_accounts.map((other) => (other.id === account.id ? summary : other))
      : [...vendor.bank_accounts, summary],
  );
}

/** Every live account, and the latest of the others: a vendor's item has a bound, the accounts themselves are items of their own. */
function bounded(accounts: readonly BankAccountSummary[]): readonly BankAccountSummary[] {
  const room = MAX_ACCOUNTS - accounts.filter(isLive).length;
  const others = accounts.filter((account) => !isLive(account));
  const kept = new Set(others.slice(Math.max(others.length - room, 0)));
  return accounts.filter((account) => isLive(account) || kept.has(account));
}

/** One that is paid to, or may yet be. */
export const isLive = ({ status }: Pick<BankAccountSummary, 'status'>): boolean =>
  status === 'proposed' || status === 'active';

/** An item holds 380 KB; a vendor with more live accounts than this is a mistake, not a vendor. */
export const MAX_ACCOUNTS = 50;
