/** The company's own settings: one item, as shipped where nobody changed it. */
import { type Static, Type } from '@sinclair/typebox';
import { AuditHeadSchema, CurrencyCode, entityFields, Line, Strict } from '../../shared/http/schemas.ts';

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
};

export const CompanyRecord = Type.Object({
  ...entityFields('user'),
  id: Type.Literal('company'),
  created_by: Type.String(),
  status: Type.Literal('active'),
  ...facts,
  audit: AuditHeadSchema,
});
export type Company = Static<typeof CompanyRecord>;

export const CompanyReply = Type.Object(
  { id: Type.Literal('company'), version: Type.Integer(), updated_at: Type.String(), ...facts },
  { $id: 'Company' },
);

export const UpdateCompany = Strict(
  {
    name: Type.Optional(facts.name),
    time_zone: Type.Optional(facts.time_zone),
    currency: Type.Optional(CurrencyCode),
    bank_account_cooling_hours: Type.Optional(facts.bank_account_cooling_hours),
    receiver_may_not_be_approver: Type.Optional(facts.receiver_may_not_be_approver),
  },
  { $id: 'UpdateCompany', minProperties: 1, examples: [{ time_zone: 'Europe/Amsterdam' }] },
);
export type UpdateCompany = Static<typeof UpdateCompany>;
