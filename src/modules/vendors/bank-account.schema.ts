/** A vendor's bank account: an object of its own, so that a second person approves it and a payment can be held to it. */
import { type Static, Type } from '@sinclair/typebox';
import { History } from '../../shared/decisions/history.ts';
import {
  AuditHeadSchema,
  CountryCode,
  entityFields,
  Id,
  Line,
  Nullable,
  pageOf,
  pageQuery,
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
  { ...entityFields('bank_account'), status: BankAccountStatus, vendor_id: Id('vendor'), ...details, ...approval },
  { $id: 'BankAccount', description: 'Numbers are masked for callers without bank_details:read' },
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

export const BankAccountQuery = Strict({ ...pageQuery, status: Type.Optional(BankAccountStatus) });
export type BankAccountQuery = Static<typeof BankAccountQuery>;
