/** What an account of the company may become, and who may decide it. Pure. */
import {
  bicFindings,
  ibanCountry,
  ibanFindings,
  maskIban,
  normaliseAccountNumber,
} from '../../shared/bank-account-number.ts';
import { barredFrom, withKeyMakers } from '../../shared/decisions/history.ts';
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
import { conflictError, type DomainError, type ErrorItem, refuseIfAny, ruleError } from '../../shared/errors.ts';
import { isCurrency } from '../../shared/money.ts';
import { proposal, proposersOf, refuseOwnHand } from '../../shared/proposal.ts';
import { uncarriedFindings } from '../../shared/sepa-text.ts';
import type { ChangeFacts } from './company.ts';
import type {
  ApproveDebtorAccount,
  CreateDebtorAccount,
  DebtorAccount,
  UpdateDebtorAccount,
} from './debtor-account.schema.ts';

export function newDebtorAccount(id: string, body: CreateDebtorAccount, facts: ChangeFacts): Draft<DebtorAccount> {
  return checked({
    id,
    status: facts.secondAdmin ? 'proposed' : 'active',
    name: body.name,
    iban: body.iban,
    bic: body.bic ?? null,
    currency: body.currency,
    country: body.country,
    bank_profile: body.bank_profile ?? '001.09',
    creditor_address: body.creditor_address ?? 'structured',
    settlement_source: body.settlement_source ?? 'bank',
    proposed: null,
    approved_by: null,
    changed_by: [],
    created_by: facts.actorId,
  });
}

/** To stop paying from an account takes one admin; everything else may take a second. */
export function changedDebtorAccount(
  account: DebtorAccount,
  body: UpdateDebtorAccount,
  facts: ChangeFacts,
): Draft<DebtorAccount> {
  if (account.status === 'rejected')
    throw conflictError('debtor_account.wrong-status', 'A rejected account does not change. Make a new one.');
  if (account.status === 'proposed' && body.status !== undefined)
    throw conflictError('debtor_account.wrong-status', 'The account is pending a second administrator: approve it.');
  const after = checked({ ...account, ...body });
  const changed_by = [...new Set([...account.changed_by, facts.actorId])];
  const onlyStops = body.status === 'disabled' && Object.keys(body).length === 1;
  if (onlyStops || account.status === 'proposed' || !facts.secondAdmin)
    return { ...after, changed_by, ...(after.iban === account.iban ? {} : { wrong_entries: [] }) };
  // Entries belong to the number that waits.
  return { ...account, proposed: proposal(body, facts.actorId, facts.now, account.proposed), wrong_entries: [] };
}

/** As it is after an approval that was asked for: approved, or with another wrong entry on record. */
export interface DebtorApproval {
  readonly account: Draft<DebtorAccount>;
  readonly refusal?: DomainError;
}

/**
 * @throws DomainError 409 where nothing waits, 403 for whoever proposed or changed it and for a person without an entry left, 422 where
 * a number is approved that was not entered
 */
export function approvedDebtorAccount(
  account: DebtorAccount,
  entered: ApproveDebtorAccount,
  actorId: string,
): DebtorApproval {
  const { number, approved } = waitingApproval(account, actorId);
  requireMayEnter(ENTITY, account.wrong_entries, actorId);
  requireEntry(ENTITY, { iban: number }, entered);
  const settled = { proposed: null, approved_by: actorId, wrong_entries: [] };
  if (number === undefined) return { account: { ...approved, ...settled } };
  const { verification_method, verification_reference } = requireVerification(entered);
  if (!isSameNumber({ iban: number }, entered)) {
    const wrong_entries = withWrongEntry(account.wrong_entries, actorId);
    return { account: { ...account, wrong_entries }, refusal: wrongEntry(ENTITY, wrong_entries, actorId) };
  }
  requireNoNumberIn(ENTITY, verification_reference, { iban: number });
  return { account: { ...approved, ...settled, verification_method, verification_reference } };
}

const ENTITY = 'debtor_account';

interface Waiting {
  /** The IBAN that would be paid from; undefined where the one that was approved stays. */
  readonly number: string | undefined;
  readonly approved: Draft<DebtorAccount>;
}

function waitingApproval(account: DebtorAccount, actorId: string): Waiting {
  if (account.status === 'proposed') {
    refuseOwnHand(ENTITY, [...barredFrom('approve_debtor_account', account)], actorId);
    return { number: account.iban, approved: { ...account, status: 'active' } };
  }
  if (account.proposed === null) throw nothingProposed();
  refuseOwnHand(ENTITY, withKeyMakers(account, proposersOf(account.proposed)), actorId);
  const approved = checked({ ...account, ...account.proposed.changes });
  return { number: approved.iban === account.iban ? undefined : approved.iban, approved };
}

function requireVerification({ verification_method, verification_reference }: ApproveDebtorAccount) {
  if (verification_method !== undefined && verification_reference !== undefined)
    return { verification_method, verification_reference };
  const missing = (['verification_method', 'verification_reference'] as const).filter(
    (field) => ({ verification_method, verification_reference })[field] === undefined,
  );
  throw ruleError(
    'debtor_account.verification-required',
    'Say how the number was verified.',
    missing.map((field) => ({ pointer: `/${field}`, detail: 'is required where a number is approved' })),
  );
}

/** Whether it, or a change of it, waits for somebody who had no hand in it. */
export const mayApproveDebtorAccount = (account: DebtorAccount, actorId: string): boolean =>
  mayEnterNumber(account.wrong_entries, actorId) &&
  (account.status === 'proposed'
    ? !barredFrom('approve_debtor_account', account).has(actorId)
    : account.proposed !== null && !withKeyMakers(account, proposersOf(account.proposed)).includes(actorId));

export function rejectedDebtorAccount(account: DebtorAccount): Draft<DebtorAccount> {
  if (account.status === 'proposed') return { ...account, status: 'rejected' };
  if (account.proposed === null) throw nothingProposed();
  return { ...account, proposed: null, wrong_entries: [] };
}

const nothingProposed = () => conflictError('debtor_account.nothing-proposed', 'No change of this account is pending.');

function checked(account: Draft<DebtorAccount>): Draft<DebtorAccount> {
  const iban = normaliseAccountNumber(account.iban);
  const bic = account.bic === null ? null : normaliseAccountNumber(account.bic);
  const errors: ErrorItem[] = [...uncarriedFindings(account.name, '/name'), ...ibanFindings(iban)];
  if (bic !== null) errors.push(...bicFindings(bic, '/bic', account.bank_profile === '001.03' ? 'BIC' : 'BICFI'));
  if (!isCurrency(account.currency))
    errors.push({ pointer: '/currency', detail: 'is not a currency of ISO 4217 that is paid in' });
  if (account.country !== ibanCountry(iban))
    errors.push({ pointer: '/country', detail: `the IBAN is one of ${ibanCountry(iban)}` });
  refuseIfAny('debtor_account.invalid', 'The account is invalid.', errors);
  return { ...account, iban, bic };
}

/** What may stand in a list, and in a reply to whoever neither reads bank details nor changes the account. */
export function maskedDebtorAccount<T extends Pick<DebtorAccount, 'iban' | 'proposed'>>(account: T): T {
  const masked = { ...account, iban: maskIban(account.iban) };
  const { proposed } = account;
  if (proposed?.changes.iban === undefined) return masked;
  return {
    ...masked,
    proposed: { ...proposed, changes: { ...proposed.changes, iban: maskIban(proposed.changes.iban) } },
  };
}
