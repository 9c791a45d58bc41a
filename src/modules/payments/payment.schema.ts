/** A payment: the record with the account it is frozen to, what of it goes out, and the bodies that change it. */
import { type Static, Type } from '@sinclair/typebox';
import {
  Amount,
  AuditHeadSchema,
  CalendarDate,
  CountryCode,
  CurrencyCode,
  entityFields,
  Id,
  Line,
  Notes,
  Nullable,
  pageOf,
  pageQuery,
  Reason,
  Strict,
  Timestamp,
} from '../../shared/http/schemas.ts';
import { PostalAddress } from '../../shared/postal-address.ts';

export const PAYMENT_STATUSES = [
  'pending_approval',
  'approved',
  'batched',
  'accepted',
  'settled',
  'rejected',
  'failed',
  'returned',
  'cancelled',
  'voided',
] as const;
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number];
const Status = Type.Union(PAYMENT_STATUSES.map((status) => Type.Literal(status)));

/** How far the file and the answers of the system that takes it have come. */
export const INTEGRATION_STATUSES = ['not_exported', 'exported', 'accepted', 'settled', 'failed'] as const;
export type IntegrationStatus = (typeof INTEGRATION_STATUSES)[number];

/** The account as it was when the payment was made: a later change of the vendor does not redirect it. */
const Creditor = Type.Object({
  bank_account_id: Id('bank_account'),
  holder_name: Line(140),
  country: CountryCode,
  iban: Nullable(Line(42)),
  bic: Nullable(Line(11)),
  routing_number: Nullable(Line(9)),
  account_number: Nullable(Line(34)),
  /** The vendor's; payments from before it was kept have none. */
  address: Type.Optional(Nullable(PostalAddress)),
});
export type Creditor = Static<typeof Creditor>;

/** What Workday may say of a payment, in a callback. */
export const WORKDAY_STATUSES = ['accepted', 'settled', 'failed'] as const;
export type WorkdayStatus = (typeof WORKDAY_STATUSES)[number];

/** Each status is kept once: a callback that comes again is known by it. */
const WorkdayCallback = Type.Object({
  status: Type.Union(WORKDAY_STATUSES.map((status) => Type.Literal(status))),
  message: Nullable(Line(500)),
  received_at: Timestamp,
  /** False where it came too late, or was not Workday's to decide. */
  applied: Type.Boolean(),
  /** The batch of the file that it was taken as a report of, for a person to decide. */
  reported_of: Type.Optional(Id('payment_batch')),
});
export type WorkdayCallback = Static<typeof WorkdayCallback>;

/** A credit that was applied before the payment: the vendor reads in the remittance why less is paid. */
const NettedCredit = Type.Object({ invoice_number: Type.Optional(Line(60)), amount: Amount });
export type NettedCredit = Static<typeof NettedCredit>;

const BankAnswer = Type.Object(
  {
    action: Type.Union((['accept', 'settle', 'fail', 'return'] as const).map((action) => Type.Literal(action))),
    status_before: Status,
    integration_status_before: Type.Union(INTEGRATION_STATUSES.map((status) => Type.Literal(status))),
    recorded_by: Line(60, 'A user, or `workday`'),
    recorded_at: Timestamp,
    correction: Nullable(Type.Object({ corrected_by: Id('user'), corrected_at: Timestamp, reason: Reason })),
  },
  { description: 'What the bank did, as recorded; a wrong answer keeps its place and names who corrected it' },
);
export type BankAnswer = Static<typeof BankAnswer>;

const ReportedFailure = Type.Object(
  {
    batch_id: Id('payment_batch'),
    message: Nullable(Line(500)),
    reported_at: Timestamp,
    decision: Nullable(
      Type.Object({
        outcome: Type.Union([Type.Literal('confirmed'), Type.Literal('dismissed')]),
        decided_by: Line(60, 'A user, or `workday`'),
        decided_at: Timestamp,
        reason: Type.String({ maxLength: 500 }),
      }),
    ),
  },
  { description: "A failure that Workday reported where the bank's word counts: a treasurer confirms or dismisses it" },
);
export type ReportedFailure = Static<typeof ReportedFailure>;

const Hold = Type.Object({ reason: Reason, placed_by: Id('user'), placed_at: Timestamp });

/** Characters that every bank carries unchanged, at most as many as ISO 20022 allows. */
const Reference = Type.String({
  pattern: '^[A-Za-z0-9]([A-Za-z0-9.-]{0,33}[A-Za-z0-9])?$',
  maxLength: 35,
  description: 'End-to-end id at the bank; unique',
});
const Method = Type.Literal('bank_transfer');
const ReasonCode = Type.String({
  pattern: '^[A-Z0-9]{4}$',
  maxLength: 4,
  description: "The bank's reason, a code of ISO 20022 such as AC04",
});

const facts = {
  status: Status,
  invoice_id: Id('invoice'),
  vendor_id: Id('vendor'),
  invoice_number: Line(60),
  payment_amount: Amount,
  discount_taken: Amount,
  currency: CurrencyCode,
  payment_method: Method,
  payment_date: CalendarDate,
  reference_number: Reference,
  batch_id: Nullable(Id('payment_batch')),
  processed_by: Nullable(Id('user')),
  notes: Nullable(Notes),
  integration_status: Type.Union(INTEGRATION_STATUSES.map((status) => Type.Literal(status))),
};

const history = {
  approved_by: Nullable(Id('user')),
  creditor: Creditor,
  /** Absent on payments that were made before it was kept: their files name the invoice alone. */
  netted_credits: Type.Optional(
    Type.Array(NettedCredit, { description: 'Credits of the invoice that this payment, which clears it, is less by' }),
  ),
  hold: Nullable(Hold),
  reported_failure: Type.Optional(Nullable(ReportedFailure)),
  booked_on: Nullable(CalendarDate),
  bank_reference: Nullable(Line(140)),
  reason_code: Nullable(ReasonCode),
  bank_answers: Type.Array(BankAnswer, { maxItems: 60 }),
};

export const PaymentRecord = Type.Object({
  ...entityFields('payment'),
  ...facts,
  ...history,
  /** Who approved or overrode the invoice in any round: none of them approves its payment. */
  invoice_approvers: Type.Array(Id('user')),
  /** Who proposed the account: none of them approves a payment to it. Absent on payments made before it was kept. */
  account_proposers: Type.Optional(Type.Array(Id('user'))),
  /** The last day on which the discount may be taken. */
  discount_date: Nullable(CalendarDate),
  /** The date its maker gave, while a batch that it joined sets another. */
  own_payment_date: Type.Optional(Nullable(CalendarDate)),
  /** The batch that made this payment, which is approved with the batch. */
  made_by_batch: Nullable(Id('payment_batch')),
  workday_callbacks: Type.Array(WorkdayCallback),
  audit: AuditHeadSchema,
});
export type Payment = Static<typeof PaymentRecord>;

export const PaymentReply = Type.Object(
  { ...entityFields('payment'), ...facts, ...history },
  { $id: 'Payment', description: 'Account numbers are masked; only `reveal` shows them' },
);

const { notes: _notes, ...summarised } = facts;
export const PaymentSummary = Type.Object(
  { ...entityFields('payment'), ...summarised, held: Type.Boolean() },
  { $id: 'PaymentSummary' },
);
export type PaymentSummary = Static<typeof PaymentSummary>;
export const PaymentPage = pageOf(PaymentSummary, 'PaymentPage');

export const CreatePayment = Strict(
  {
    invoice_id: Id('invoice'),
    payment_amount: Type.Optional(Amount),
    payment_method: Type.Optional(Method),
    payment_date: Type.Optional(CalendarDate),
    reference_number: Type.Optional(Reference),
    notes: Type.Optional(Notes),
  },
  {
    $id: 'CreatePayment',
    description: 'payment_amount is by default what can be paid of the invoice, less the discount still available',
    examples: [{ invoice_id: 'inv_0196f2b4-6f0a-7d11-9d0a-0c6f5c1b2a3d', payment_date: '2026-12-01' }],
  },
);
export type CreatePayment = Static<typeof CreatePayment>;

export const SettlePayment = Strict(
  { booked_on: CalendarDate, bank_reference: Line(140), reason: Type.Optional(Reason) },
  { $id: 'SettlePayment', examples: [{ booked_on: '2026-12-02', bank_reference: '2026120200471' }] },
);
export type SettlePayment = Static<typeof SettlePayment>;

export const BankReason = Strict(
  { reason_code: ReasonCode, reason: Type.Optional(Reason) },
  { $id: 'BankReason', examples: [{ reason_code: 'AC04' }] },
);
export type BankReason = Static<typeof BankReason>;

export const PaymentQuery = Strict({
  ...pageQuery,
  status: Type.Optional(Status),
  vendor_id: Type.Optional(Id('vendor')),
  invoice_id: Type.Optional(Id('invoice')),
  batch_id: Type.Optional(Id('payment_batch')),
  created_from: Type.Optional(CalendarDate),
  created_to: Type.Optional(CalendarDate),
  q: Type.Optional(Type.String({ minLength: 1, maxLength: 35, description: 'Prefix of the reference number' })),
});
export type PaymentQuery = Static<typeof PaymentQuery>;
