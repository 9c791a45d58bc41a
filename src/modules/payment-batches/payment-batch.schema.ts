/** A payment batch: its header, what of it goes out, and the bodies that change it. Members point to it and are never listed inside. */
import { type Static, Type } from '@sinclair/typebox';
import { History } from '../../shared/decisions/history.ts';
import {
  Amount,
  AuditHeadSchema,
  CalendarDate,
  CountryCode,
  CurrencyCode,
  entityFields,
  Id,
  Line,
  Nullable,
  pageOf,
  pageQuery,
  Reason,
  ref,
  Strict,
  Timestamp,
} from '../../shared/http/schemas.ts';
import { OBSTACLE_CODES, PaymentSummary } from '../payments/index.ts';

export const BATCH_STATUSES = [
  'building',
  'draft',
  'pending_approval',
  'approved',
  'generating',
  'generated',
  'sent',
  'partially_accepted',
  'completed',
  'rejected',
  'cancelling',
  'cancelled',
] as const;
export type BatchStatus = (typeof BATCH_STATUSES)[number];
const Status = Type.Union(BATCH_STATUSES.map((status) => Type.Literal(status)));

const BankProfile = Type.Union([Type.Literal('001.09'), Type.Literal('001.03')]);
const CreditorAddress = Type.Union([Type.Literal('structured'), Type.Literal('hybrid'), Type.Literal('none')]);

export const RUN_STEPS = ['join', 'check', 'render', 'mark', 'release'] as const;
export type RunStep = (typeof RUN_STEPS)[number];

const BatchFile = Type.Object({
  format: Type.Union([Type.Literal('xml'), Type.Literal('json')]),
  key: Type.String({ maxLength: 900 }),
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$', maxLength: 64 }),
  size: Type.Integer({ minimum: 1 }),
});
export type BatchFile = Static<typeof BatchFile>;

const Sent = Type.Object({
  channel: Line(60),
  bank_reference: Nullable(Line(140)),
  sent_by: Id('user'),
  sent_at: Timestamp,
  failed_before: Type.Optional(
    Type.Integer({
      minimum: 0,
      description: 'Payments that the bank refused or returned before; with any of them the file is not handed out',
    }),
  ),
});
const Cancellation = Type.Object({
  requested_by: Id('user'),
  requested_at: Timestamp,
  reason: Reason,
  undone_at: Type.Optional(Nullable(Timestamp)),
  undone_by: Type.Optional(
    Nullable(
      Type.Union(
        (['download', 'send', 'answer'] as const).map((cause) => Type.Literal(cause)),
        {
          description:
            'What happened to the file after the request, so that it does not count; the next call asks anew',
        },
      ),
    ),
  ),
});
export type Cancellation = Static<typeof Cancellation>;

const facts = {
  status: Status,
  debtor_account_id: Id('debtor_account'),
  execution_date: CalendarDate,
  method: Type.Literal('bank_transfer'),
  currency: CurrencyCode,
  count: Type.Integer({ minimum: 0 }),
  control_sum: Amount,
  message_id: Nullable(Line(35)),
  first_downloaded_at: Nullable(Timestamp),
};

const history = {
  due_on_or_before: Nullable(CalendarDate),
  minimum_amount: Nullable(Amount),
  profile_version: Nullable(BankProfile),
  files: Type.Array(BatchFile),
  submitted_by: Nullable(Id('user')),
  approved_by: Nullable(Id('user')),
  generated_by: Nullable(Id('user')),
  sent: Nullable(Sent),
  cancellation: Nullable(Cancellation),
  previous_cancellation: Type.Optional(Nullable(Cancellation)),
};

const Pinned = Type.Object(
  {
    initiating_party: Line(140),
    debtor: Type.Object({ name: Line(70), iban: Line(42), bic: Nullable(Line(11)), country: CountryCode }),
    currency: CurrencyCode,
    profile_version: BankProfile,
    creditor_address: CreditorAddress,
  },
  {
    description:
      'What the file is made of besides its payments, as it stood when the batch was submitted: this is what is approved. The IBAN is masked.',
  },
);
export type Pinned = Static<typeof Pinned>;

/** What a file is rendered from besides its members, fixed when generating begins: the same bytes however often it is resumed. */
const Fixed = Type.Object({
  created_at: Timestamp,
  generated_on: CalendarDate,
  initiating_party: Type.String(),
  debtor: Type.Object({
    name: Type.String(),
    iban: Type.String(),
    bic: Nullable(Type.String()),
    country: Type.String(),
  }),
});
export type Fixed = Static<typeof Fixed>;

/** Members by what the bank said of them. */
const Answers = Type.Object({
  accepted: Type.Integer(),
  settled: Type.Integer(),
  failed: Type.Integer(),
  returned: Type.Integer(),
});
export type Answers = Static<typeof Answers>;

const Notice = Type.Object(
  {
    code: Type.Literal('open_credit'),
    detail: Type.String({ maxLength: 300 }),
    vendor_id: Id('vendor'),
    credit_note_ids: Type.Array(Id('invoice'), { description: 'At most 20' }),
    amount: Amount,
  },
  { description: 'What whoever approves the batch should know, as of when it was built or submitted last' },
);
export type Notice = Static<typeof Notice>;

export const BatchRecord = Type.Object({
  ...entityFields('payment_batch'),
  ...facts,
  ...history,
  /** The debtor account's choice, fixed when generating begins; batches from before there was one carry no addresses. */
  creditor_address: Type.Optional(CreditorAddress),
  /** Absent or null where it is not submitted, and of batches that were submitted before it was kept. */
  pinned: Type.Optional(Nullable(Pinned)),
  history: History,
  /** Absent from batches that were built before there were any. */
  notices: Type.Optional(Type.Array(Notice)),
  /** Approvers of the invoices whose payments this batch made: none of them approves it. */
  barred_approvers: Type.Array(Id('user')),
  answers: Answers,
  fixed: Nullable(Fixed),
  audit: AuditHeadSchema,
});
export type Batch = Static<typeof BatchRecord>;

export const Skip = Type.Object(
  {
    payment_id: Nullable(Id('payment')),
    invoice_id: Nullable(Id('invoice')),
    code: Type.Union(OBSTACLE_CODES.map((code) => Type.Literal(code))),
    reason: Type.String({ maxLength: 2000 }),
  },
  { $id: 'PaymentBatchSkip', description: 'What a run left out, and why' },
);
export type Skip = Static<typeof Skip>;
export const SkipPage = pageOf(Skip, 'PaymentBatchSkipPage');

const Progress = Type.Object(
  {
    step: Type.Union(RUN_STEPS.map((step) => Type.Literal(step))),
    done: Type.Integer({ minimum: 0 }),
    total: Type.Integer({ minimum: 0 }),
  },
  { description: 'How far the run in the background has come' },
);

export const BatchReply = Type.Object(
  {
    ...entityFields('payment_batch'),
    ...facts,
    ...history,
    payments: Type.Array(ref(PaymentSummary), { description: 'The first 20; GET .../payments has all' }),
    skipped: Type.Array(ref(Skip), { description: 'The first 20; GET .../skipped has all' }),
    progress: Nullable(Progress),
    pinned: Nullable(Pinned),
    notices: Type.Array(Notice),
  },
  { $id: 'PaymentBatch' },
);

export const BatchSummary = Type.Object({ ...entityFields('payment_batch'), ...facts }, { $id: 'PaymentBatchSummary' });
export type BatchSummary = Static<typeof BatchSummary>;
export const BatchPage = pageOf(BatchSummary, 'PaymentBatchPage');

export const CreateBatch = Strict(
  {
    debtor_account_id: Id('debtor_account'),
    execution_date: CalendarDate,
    payment_ids: Type.Optional(Type.Array(Id('payment'), { minItems: 1, maxItems: 5000, uniqueItems: true })),
    due_on_or_before: Type.Optional(CalendarDate),
    minimum_amount: Type.Optional(Amount),
  },
  {
    $id: 'CreatePaymentBatch',
    description:
      'Either payment_ids, or due_on_or_before: then a payment is made for every approved invoice due by that day, and the approved payments waiting are taken. Less than minimum_amount is left out.',
    examples: [
      {
        debtor_account_id: 'deb_0196f2b4-6f0a-7d11-9d0a-0c6f5c1b2a3d',
        execution_date: '2026-12-01',
        due_on_or_before: '2026-12-31',
      },
    ],
  },
);
export type CreateBatch = Static<typeof CreateBatch>;

export const SendBatch = Strict(
  { channel: Line(60), bank_reference: Type.Optional(Line(140)), reason: Type.Optional(Reason) },
  {
    $id: 'SendPaymentBatch',
    description: 'Transmits nothing: records who gave the file to the bank',
    examples: [{ channel: 'bank portal' }],
  },
);
export type SendBatch = Static<typeof SendBatch>;

export const CancelBatch = Strict(
  {
    reason: Reason,
    not_transmitted: Type.Optional(
      Type.Literal(true, { description: 'Once a file exists: you know that the bank never got it' }),
    ),
  },
  { $id: 'CancelPaymentBatch', examples: [{ reason: 'wrong day', not_transmitted: true }] },
);
export type CancelBatch = Static<typeof CancelBatch>;

export const BatchQuery = Strict({
  ...pageQuery,
  status: Type.Optional(Status),
  created_from: Type.Optional(CalendarDate),
  created_to: Type.Optional(CalendarDate),
});
export type BatchQuery = Static<typeof BatchQuery>;

export const MemberQuery = Strict(pageQuery);
