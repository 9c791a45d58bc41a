/** What an account of the company may become, and who may decide it. Pure. */
import {
  bicFindings,
  ibanCountry,
  ibanFindings,
  maskIban,
  normaliseAccountNumber,
} from '../../shared/bank-account-number.ts';
import { barredFrom } from '../../shared/decisions/history.ts';
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import { conflictError, type ErrorItem, refuseIfAny } from '../../shared/errors.ts';
import { isCurrency } from '../../shared/money.ts';
import { proposal, proposersOf, refuseOwnHand } from '../../shared/proposal.ts';
import { uncarriedFindings } from '../../shared/sepa-text.ts';
import type { ChangeFacts } from './company.ts';
import type { CreateDebtorAccount, DebtorAccount, UpdateDebtorAccount } from './debtor-account.schema.ts';

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
    throw conflictError('debtor_account.wrong-status', 'The account waits for a second administrator: approve it.');
  const after = checked({ ...account, ...body });
  const changed_by = [...new Set([...account.changed_by, facts.actorId])];
  const onlyStops = body.status === 'disabled' && Object.keys(body).length === 1;
  if (onlyStops || account.status === 'proposed' || !facts.secondAdmin) return { ...after, changed_by };
  return { ...account, proposed: proposal(body, facts.actorId, facts.now, account.proposed) };
}

/** @throws DomainError 409 where nothing waits, 403 for whoever proposed or changed it */
export function approvedDebtorAccount(account: DebtorAccount, actorId: string): Draft<DebtorAccount> {
  const settled = { proposed: null, approved_by: actorId };
  if (account.status === 'proposed') {
    refuseOwnHand('debtor_account', [...barredFrom('approve_debtor_account', account)], actorId);
    return { ...account, ...settled, status: 'active' };
  }
  if (account.proposed === null) throw nothingProposed();
  refuseOwnHand('debtor_account', proposersOf(account.proposed), actorId);
  return { ...checked({ ...account, ...account.proposed.changes }), ...settled };
}

/** Whether it, or a change of it, waits for somebody who had no hand in it. */
export const mayApproveDebtorAccount = (account: DebtorAccount, actorId: string): boolean =>
  account.status === 'proposed'
    ? !barredFrom('approve_debtor_account', account).has(actorId)
    : account.proposed !== null && !proposersOf(account.proposed).includes(actorId);

export function rejectedDebtorAccount(account: DebtorAccount): Draft<DebtorAccount> {
  if (account.status === 'proposed') return { ...account, status: 'rejected' };
  if (account.proposed === null) throw nothingProposed();
  return { ...account, proposed: null };
}

const nothingProposed = () => conflictError('debtor_account.nothing-proposed', 'No change of this account waits.');

function checked(account: Draft<DebtorAccount>): Draft<DebtorAccount> {
  const iban = normaliseAccountNumber(account.iban);
  const bic = account.bic === null ? null : normaliseAccountNumber(account.bic);
  const errors: ErrorItem[] = [...uncarriedFindings(account.name, '/name'), ...ibanFindings(iban)];
  if (bic !== null) errors.push(...bicFindings(bic, '/bic', account.bank_profile === '001.03' ? 'BIC' : 'BICFI'));
  if (!isCurrency(account.currency))
    errors.push({ pointer: '/currency', detail: 'is not a currency of ISO 4217 that is paid in' });
  if (account.country !== ibanCountry(iban))
    errors.push({ pointer: '/country', detail: `the IBAN is one of ${ibanCountry(iban)}` });
  refuseIfAny('debtor_account.invalid', 'The account cannot be kept as it is.', errors);
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
