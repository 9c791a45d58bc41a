/** The company's own settings: one item, as shipped where nobody changed it. */
import { type Static, Type } from '@sinclair/typebox';
import {
  AuditHeadSchema,
  CurrencyCode,
  entityFields,
  Line,
  Nullable,
  Strict,
  Timestamp,
} from '../../shared/http/schemas.ts';
import { ProposalOf } from '../../shared/proposal.ts';

const facts = {
  name: Line(140, 'Name of the paying company'),
  time_zone: Line(64, 'IANA time zone that decides what day it is'),
  currency: CurrencyCode,
  bank_account_cooling_hours: Type.Integer({
    minimum: 0,
    maximum: 720,
    description: "Hours between a bank account's approval and its first payment",
  }),
  receiver_may_not_be_approver: Type.Boolean({
    description: 'A receipt is refused for whoever approved its order',
  }),
  document_years_ahead: Type.Integer({
    minimum: 1,
    maximum: 10,
    description: 'The last day of a document is so many years after today',
  }),
};

export const UpdateCompany = Strict(
  {
    name: Type.Optional(facts.name),
    time_zone: Type.Optional(facts.time_zone),
    currency: Type.Optional(CurrencyCode),
    bank_account_cooling_hours: Type.Optional(facts.bank_account_cooling_hours),
    receiver_may_not_be_approver: Type.Optional(facts.receiver_may_not_be_approver),
    document_years_ahead: Type.Optional(facts.document_years_ahead),
  },
  { $id: 'UpdateCompany', minProperties: 1, examples: [{ time_zone: 'Europe/Amsterdam' }] },
);
export type UpdateCompany = Static<typeof UpdateCompany>;

export const CompanyRecord = Type.Object({
  ...entityFields('user'),
  id: Type.Literal('company'),
  status: Type.Literal('active'),
  ...facts,
  proposed: ProposalOf(Type.Object(UpdateCompany.properties)),
  audit: AuditHeadSchema,
});
export type Company = Static<typeof CompanyRecord>;

export const CompanyReply = Type.Object(
  {
    id: Type.Literal('company'),
    version: Type.Integer({ minimum: 0, description: '0 as shipped; rises with each change; the ETag' }),
    updated_at: Nullable(Timestamp),
    ...facts,
    proposed: ProposalOf(Type.Object(UpdateCompany.properties)),
  },
  { $id: 'Company' },
);
export type CompanyReply = Static<typeof CompanyReply>;
