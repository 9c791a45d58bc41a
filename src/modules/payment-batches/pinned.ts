/**
 * What a file is made of besides its members: pinned when its batch is submitted, so that approvers and the file have the same, whatever
 * is changed in the settings meanwhile. Pure.
 */
import { maskIban } from '../../shared/bank-account-number.ts';
import { conflictError } from '../../shared/errors.ts';
import type { CompanyFacts, DebtorAccount } from '../settings/index.ts';
import type { Batch, Pinned } from './payment-batch.schema.ts';

export const pinnedFrom = (
  { name, iban, bic, country, currency, bank_profile, creditor_address }: DebtorAccount,
  company: Pick<CompanyFacts, 'name'>,
): Pinned => ({
  initiating_party: company.name,
  debtor: { name, iban, bic, country },
  currency,
  profile_version: bank_profile,
  creditor_address,
});

const FACTS: readonly (readonly [pointer: string, words: string, read: (pinned: Pinned) => string | null])[] = [
  ['/pinned/initiating_party', 'the name of the company', ({ initiating_party }) => initiating_party],
  ['/pinned/debtor/name', 'the name of the debtor account', ({ debtor }) => debtor.name],
  ['/pinned/debtor/iban', 'the IBAN of the debtor account', ({ debtor }) => debtor.iban],
  ['/pinned/debtor/bic', 'the BIC of the debtor account', ({ debtor }) => debtor.bic],
  ['/pinned/debtor/country', 'the country of the debtor account', ({ debtor }) => debtor.country],
  ['/pinned/currency', 'the currency of the debtor account', ({ currency }) => currency],
  ['/pinned/profile_version', 'the bank profile of the debtor account', ({ profile_version }) => profile_version],
  [
    '/pinned/creditor_address',
    'how the debtor account takes addresses of creditors',
    ({ creditor_address }) => creditor_address,
  ],
];

const differing = (pinned: Pinned, now: Pinned) => FACTS.filter(([, , read]) => read(pinned) !== read(now));

/** Whether the file would still be made of what was submitted. */
export const pinStands = ({ pinned }: Pick<Batch, 'pinned'>, now: Pinned): boolean =>
  pinned !== undefined && pinned !== null && differing(pinned, now).length === 0;

/** What was submitted, where it still stands. @throws DomainError 409 naming what changed, and no bank detail */
export function requirePinned({ pinned }: Pick<Batch, 'pinned'>, now: Pinned): Pinned {
  if (pinned === undefined || pinned === null)
    throw conflictError(
      CHANGED,
      'The batch was submitted before it was kept what its file is made of. Recall it and submit it again.',
    );
  const changed = differing(pinned, now);
  if (changed.length === 0) return pinned;
  throw conflictError(
    CHANGED,
    `The file would not be made of what was submitted: ${changed.map(([, words]) => words).join(', ')} changed since. Recall the batch and submit it again, or change back what changed.`,
    changed.map(([pointer]) => ({ pointer, detail: 'changed since the batch was submitted' })),
  );
}

const CHANGED = 'payment_batch.changed-since-submit';

/** As a batch shows it to everyone who may read it. */
export const maskedPinned = (pinned: Batch['pinned']): Pinned | null =>
  pinned === undefined || pinned === null
    ? null
    : { ...pinned, debtor: { ...pinned.debtor, iban: maskIban(pinned.debtor.iban) } };
