/** An account of the company that payments are made from. */
import { type Static, Type } from '@sinclair/typebox';
import {
  VerificationMethod,
  VerificationReference,
  verificationFields,
  WrongEntries,
} from '../../shared/decisions/verification.ts';
import {
  AuditHeadSchema,
  CountryCode,
  CurrencyCode,
  entityFields,
  Id,
  Line,
  Nullable,
  pageOf,
  pageQuery,
  Reason,
  Strict,
} from '../../shared/http/schemas.ts';
import { ProposalOf } from '../../shared/proposal.ts';

const DEBTOR_ACCOUNT_STATUSES = ['proposed', 'active', 'disabled', 'rejected'] as const;
const Status = Type.Union(DEBTOR_ACCOUNT_STATUSES.map((status) => Type.Literal(status)));
const BankProfile = Type.Union([Type.Literal('001.09'), Type.Literal('001.03')], {
  description: 'Version of pain.001 that this bank takes',
});
const CreditorAddress = Type.Union([Type.Literal('structured'), Type.Literal('hybrid'), Type.Literal('none')], {
  description:
    'How this bank takes the address of a creditor: in elements, as town and country with at most two lines, or not at all',
});
const SettlementSource = Type.Union([Type.Literal('bank'), Type.Literal('workday')], {
  description: 'Who says that a payment is settled',
});

const details = {
  name: Line(70, 'Name of the account holder in the payment file'),
  iban: Line(42),
  bic: Nullable(Line(11)),
  currency: CurrencyCode,
  country: CountryCode,
  bank_profile: BankProfile,
  creditor_address: CreditorAddress,
  settlement_source: SettlementSource,
};

const changes = {
  name: Type.Optional(details.name),
  iban: Type.Optional(details.iban),
  bic: Type.Optional(details.bic),
  currency: Type.Optional(CurrencyCode),
  country: Type.Optional(CountryCode),
  bank_profile: Type.Optional(BankProfile),
  creditor_address: Type.Optional(CreditorAddress),
  settlement_source: Type.Optional(SettlementSource),
  status: Type.Optional(Type.Union([Type.Literal('active'), Type.Literal('disabled')])),
};

const shown = {
  ...entityFields('debtor_account'),
  status: Status,
  ...details,
};

export const DebtorAccountRecord = Type.Object({
  ...shown,
  proposed: ProposalOf(Type.Object(changes)),
  approved_by: Nullable(Id('user')),
  ...verificationFields,
  wrong_entries: WrongEntries,
  /** Who changed it since it was approved last: none of them approves it. */
  changed_by: Type.Array(Id('user')),
  audit: AuditHeadSchema,
});
export type DebtorAccount = Static<typeof DebtorAccountRecord>;

export const DebtorAccountReply = Type.Object(
  { ...shown, proposed: ProposalOf(Type.Object(changes)), approved_by: Nullable(Id('user')), ...verificationFields },
  { $id: 'DebtorAccount', description: 'The IBAN is masked; only `reveal` shows it' },
);

export const DebtorAccountSummary = Type.Object(shown, { $id: 'DebtorAccountSummary' });
export type DebtorAccountSummary = Static<typeof DebtorAccountSummary>;
export const DebtorAccountPage = pageOf(DebtorAccountSummary, 'DebtorAccountPage');

export const CreateDebtorAccount = Strict(
  {
    name: details.name,
    iban: details.iban,
    bic: Type.Optional(Line(11)),
    currency: CurrencyCode,
    country: CountryCode,
    bank_profile: changes.bank_profile,
    creditor_address: changes.creditor_address,
    settlement_source: changes.settlement_source,
  },
  {
    $id: 'CreateDebtorAccount',
    examples: [
      {
        name: 'Example Company BV',
        iban: 'NL91ABNA0417164300',
        bic: 'ABNANL2A',
        currency: 'EUR',
        country: 'NL',
      },
    ],
  },
);
export type CreateDebtorAccount = Static<typeof CreateDebtorAccount>;

export const UpdateDebtorAccount = Strict(changes, {
  $id: 'UpdateDebtorAccount',
  minProperties: 1,
  examples: [{ bank_profile: '001.03' }],
});
export type UpdateDebtorAccount = Static<typeof UpdateDebtorAccount>;

export const ApproveDebtorAccount = Strict(
  {
    iban: Type.Optional(Line(42)),
    verification_method: Type.Optional(VerificationMethod),
    verification_reference: Type.Optional(VerificationReference),
    reason: Type.Optional(Reason),
  },
  {
    $id: 'ApproveDebtorAccount',
    description:
      'The IBAN from a source that is independent of the proposal, and which source it is: required where a new account or another IBAN is approved. It is compared and not stored',
    examples: [
      {
        iban: 'NL91ABNA0417164300',
        verification_method: 'bank_confirmation',
        verification_reference: 'Letter of the bank of 12 January',
      },
    ],
  },
);
export type ApproveDebtorAccount = Static<typeof ApproveDebtorAccount>;

export const DebtorAccountQuery = Strict({ ...pageQuery, status: Type.Optional(Status) });
export type DebtorAccountQuery = Static<typeof DebtorAccountQuery>;
