/**
 * How an account number is verified by the person who approves it: the number is entered again from a source that is independent of the
 * proposal, and the approval says which source (docs/rules.md#bank-account-verification). Pure.
 */
import { Type } from '@sinclair/typebox';
import { sha256 } from '../audit/canonical.ts';
import { normaliseAccountNumber } from '../bank-account-number.ts';
import { equalText } from '../crypto.ts';
import { DomainError, type ErrorItem, refuseIfAny, ruleError } from '../errors.ts';
import { Id, Line, Nullable } from '../http/schemas.ts';

export const VERIFICATION_METHODS = ['call_back', 'letter', 'in_person', 'bank_confirmation', 'vop'] as const;
export const VerificationMethod = Type.Union(
  VERIFICATION_METHODS.map((method) => Type.Literal(method)),
  {
    description:
      'call_back: a call to a number that was known before; letter: a signed letter; in_person; bank_confirmation: a document of the bank; vop: verification of payee',
  },
);
export const VerificationReference = Line(
  140,
  'What proves the verification: who was called and when, or the reference of the letter or of the reply. Not the account number',
);

/** The record of the verification. Absent on accounts that were approved before it was kept. */
export const verificationFields = {
  verification_method: Type.Optional(Nullable(VerificationMethod)),
  verification_reference: Type.Optional(Nullable(VerificationReference)),
};

/** Wrong entries of each person for the number that is to be approved. */
export const WrongEntries = Type.Optional(
  Type.Array(Type.Object({ by: Id('user'), count: Type.Integer({ minimum: 1 }) })),
);
export type WrongEntries = readonly { readonly by: string; readonly count: number }[];

export interface AccountNumbers {
  readonly iban?: string | null | undefined;
  readonly routing_number?: string | null | undefined;
  readonly account_number?: string | null | undefined;
}

const FIELDS = ['iban', 'routing_number', 'account_number'] as const;
export const MOST_WRONG_ENTRIES = 3;

export const mayEnterNumber = (entries: WrongEntries | undefined, actorId: string): boolean =>
  (entries?.find(({ by }) => by === actorId)?.count ?? 0) < MOST_WRONG_ENTRIES;

/** @throws DomainError 403 for a person who entered a wrong number too often */
export function requireMayEnter(entity: string, entries: WrongEntries | undefined, actorId: string): void {
  if (mayEnterNumber(entries, actorId)) return;
  throw new DomainError(
    'forbidden',
    `${entity}.entries-exhausted`,
    `You entered a wrong number ${MOST_WRONG_ENTRIES} times. Another person approves this account.`,
  );
}

/** Which fields the account has is no secret. @throws DomainError 422 unless exactly these were entered */
export function requireEntry(entity: string, account: AccountNumbers, entered: AccountNumbers): void {
  const errors: ErrorItem[] = FIELDS.flatMap((field) => {
    const [has, given] = [typeof account[field] === 'string', typeof entered[field] === 'string'];
    if (has === given) return [];
    return [
      { pointer: `/${field}`, detail: has ? 'is required to approve this account' : 'is no part of this account' },
    ];
  });
  refuseIfAny(`${entity}.number-required`, 'Enter the account number from an independent source.', errors);
}

/** In a time that does not tell where they differ. */
export const isSameNumber = (account: AccountNumbers, entered: AccountNumbers): boolean =>
  equalText(sha256(textOf(account)), sha256(textOf(entered)));

const textOf = (numbers: AccountNumbers): string =>
  FIELDS.map((field) => normaliseAccountNumber(numbers[field] ?? '')).join('\n');

export function withWrongEntry(entries: WrongEntries | undefined, actorId: string): { by: string; count: number }[] {
  const count = (entries?.find(({ by }) => by === actorId)?.count ?? 0) + 1;
  return [...(entries ?? []).filter(({ by }) => by !== actorId), { by: actorId, count }];
}

/** What the person is told: nothing about the right number. */
export const wrongEntry = (entity: string, entries: WrongEntries, actorId: string): DomainError =>
  ruleError(
    `${entity}.number-differs`,
    mayEnterNumber(entries, actorId)
      ? 'The number that you entered is not the one that was proposed. Nothing was approved. Check your source; read the account again before you enter the number again, or reject the account.'
      : 'The number that you entered is not the one that was proposed. Nothing was approved. You have no entry left: another person approves or rejects this account.',
  );

/** The reference is shown to people who may not see the number. @throws DomainError 422 */
export function requireNoNumberIn(entity: string, reference: string, account: AccountNumbers): void {
  const text = normaliseAccountNumber(reference).replaceAll(/[^A-Z0-9]/g, '');
  const shown = FIELDS.some((field) => {
    const number = normaliseAccountNumber(account[field] ?? '').replaceAll(/[^A-Z0-9]/g, '');
    return field !== 'routing_number' && number.length >= SHORTEST_SECRET && text.includes(number);
  });
  if (!shown) return;
  refuseIfAny(`${entity}.number-in-reference`, 'The reference must not contain the account number.', [
    { pointer: '/verification_reference', detail: 'contains the account number' },
  ]);
}

/** A shorter number is in many texts by chance. */
const SHORTEST_SECRET = 6;
