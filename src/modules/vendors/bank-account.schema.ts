/** A vendor's bank account: an object of its own, so that a second person approves it and a payment can be held to it. */
import { type Static, Type } from '@sinclair/typebox';
import { History } from '../../shared/decisions/history.ts';
import {
  VerificationMethod,
  VerificationReference,
  verificationFields,
  WrongEntries,
} from '../../shared/decisions/verification.ts';
import {
  AuditHeadSchema,
  CountryCode,
  entityFields,
  Id,
  Line,
  Nullable,
  pageOf,
  pageQuery,
  Reason,
  Strict,
  Timestamp,
} from '../../shared/http/schemas.ts';

export const BANK_ACCOUNT_STATUSES = ['proposed', 'active', 'superseded', 'revoked', 'rejected'] as const;
const BankAccountStatus = Type.Union(BANK_ACCOUNT_STATUSES.map((status) => Type.Literal(status)));

const details = {
  holder_name: Line(140, 'Whose account it is, as the bank knows it'),
  country: CountryCode,
  iban: Nullable(Line(42)),
  bic: Nullable(Line(11)),
  routing_number: Nullable(Line(9)),
  account_number: Nullable(Line(34)),
};

const approval = {
  approved_by: Nullable(Id('user')),
  payable_from: Nullable(Timestamp),
};

export const BankAccountRecord = Type.Object({
  ...entityFields('bank_account'),
  status: BankAccountStatus,
  vendor_id: Id('vendor'),
  ...details,
  ...approval,
  ...verificationFields,
  wrong_entries: WrongEntries,
  /** Who proposed the same number for this vendor before: neither approves it. */
  history: History,
  audit: AuditHeadSchema,
});
export type BankAccount = Static<typeof BankAccountRecord>;

/** What a vendor shows of its accounts; numbers are masked here for everyone, the account itself has them. */
export const BankAccountSummary = Type.Object(
  {
    id: Id('bank_account'),
    status: BankAccountStatus,
    ...details,
    ...approval,
  },
  { $id: 'BankAccountSummary' },
);
export type BankAccountSummary = Static<typeof BankAccountSummary>;

export const BankAccountReply = Type.Object(
  {
    ...entityFields('bank_account'),
    status: BankAccountStatus,
    vendor_id: Id('vendor'),
    ...details,
    ...approval,
    ...verificationFields,
  },
  { $id: 'BankAccount', description: 'Numbers are masked; only `reveal` shows them' },
);
export const BankAccountPage = pageOf(BankAccountReply, 'BankAccountPage');

export const ProposeBankAccount = Strict(
  {
    holder_name: details.holder_name,
    country: Type.Optional(CountryCode),
    iban: Type.Optional(Line(42)),
    bic: Type.Optional(Line(11)),
    routing_number: Type.Optional(Line(9)),
    account_number: Type.Optional(Line(34)),
  },
  {
    $id: 'ProposeBankAccount',
    description: 'Either iban (and bic), or country, routing_number and account_number',
    examples: [{ holder_name: 'Northwind Paper BV', iban: 'NL91ABNA0417164300', bic: 'ABNANL2A' }],
  },
);
export type ProposeBankAccount = Static<typeof ProposeBankAccount>;

/** The approver enters the number again, from a source that the proposer did not provide. */
export const ApproveBankAccount = Strict(
  {
    iban: Type.Optional(Line(42)),
    routing_number: Type.Optional(Line(9)),
    account_number: Type.Optional(Line(34)),
    verification_method: VerificationMethod,
    verification_reference: VerificationReference,
    reason: Type.Optional(Reason),
  },
  {
    $id: 'ApproveBankAccount',
    description:
      'The number from a source that is independent of the proposal: iban, or routing_number and account_number. It is compared and not stored',
    examples: [
      {
        iban: 'NL91ABNA0417164300',
        verification_method: 'call_back',
        verification_reference: 'Called the bookkeeper under the number in the contract of 2024',
      },
    ],
  },
);
export type ApproveBankAccount = Static<typeof ApproveBankAccount>;

export const BankAccountQuery = Strict({ ...pageQuery, status: Type.Optional(BankAccountStatus) });
export type BankAccountQuery = Static<typeof BankAccountQuery>;
