/** A message of the bank: the record, what of it goes out, what each of its lines meant, and the body that confirms one. */
import { type Static, Type } from '@sinclair/typebox';
import {
  AuditHeadSchema,
  CalendarDate,
  entityFields,
  Id,
  Nullable,
  pageOf,
  pageQuery,
  Reason,
  Strict,
} from '../../shared/http/schemas.ts';

export const MESSAGE_KINDS = ['pain.002', 'camt.052', 'camt.053', 'camt.054', 'nacha'] as const;
export const MESSAGE_STATUSES = ['processing', 'processed'] as const;
export const OUTCOMES = ['applied', 'known', 'suggested', 'listed', 'ignored', 'refused'] as const;
export type Outcome = (typeof OUTCOMES)[number];

const literals = <T extends string>(values: readonly T[], description?: string) =>
  Type.Unsafe<T>({ type: 'string', enum: [...values], ...(description ? { description } : {}) });

/** What the bank wrote, as it wrote it, bounded. */
const Text = (maxLength: number, description?: string) =>
  Nullable(Type.String({ maxLength, ...(description ? { description } : {}) }));
const Count = Type.Integer({ minimum: 0 });

const Statement = Type.Object({
  id: Text(140),
  number: Nullable(Count),
  account: Text(40, 'Masked'),
  from: Nullable(CalendarDate),
  to: Nullable(CalendarDate),
  entries: Count,
});

const Finding = Type.Object({ code: Type.String({ maxLength: 60 }), detail: Type.String({ maxLength: 500 }) });

const shown = {
  ...entityFields('bank_message'),
  status: literals(MESSAGE_STATUSES, 'processing: send the same file again and the rest is done'),
  kind: literals(MESSAGE_KINDS),
  definition: Text(60, 'Version that the file names, such as camt.053.001.08'),
  message_id: Text(140, "The bank's id of the message"),
  message_created_at: Text(60, 'As the bank wrote it'),
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$', maxLength: 64, description: 'Of the file' }),
  size: Type.Integer({ minimum: 1, description: 'Bytes' }),
  statements: Type.Array(Statement, { maxItems: 50, description: 'The first 50' }),
  findings: Type.Array(Finding, {
    maxItems: 200,
    description: 'What is wrong with the file or a statement as a whole',
  }),
  line_count: Type.Integer({ minimum: 0, description: 'Transactions, statuses or returns in it' }),
  counts: Type.Object(
    Object.fromEntries(OUTCOMES.map((outcome) => [outcome, Count])) as Record<Outcome, typeof Count>,
    {
      description: 'Lines by what became of them',
    },
  ),
};

export const BankMessageRecord = Type.Object({ ...shown, audit: AuditHeadSchema });
export type BankMessage = Static<typeof BankMessageRecord>;

export const BankMessageReply = Type.Object(shown, {
  $id: 'BankMessage',
  description: 'A statement, status report or return of the bank, and how many of its lines were applied to payments',
});

const { statements: _statements, findings: _findings, ...summarised } = shown;
export const BankMessageSummary = Type.Object(summarised, { $id: 'BankMessageSummary' });
export type BankMessageSummary = Static<typeof BankMessageSummary>;
export const BankMessagePage = pageOf(BankMessageSummary, 'BankMessagePage');

export const ANSWER_ACTIONS = ['accept', 'settle', 'fail', 'return'] as const;

export const BankMessageLine = Type.Object(
  {
    number: Type.Integer({ minimum: 1, description: 'Its place in the file' }),
    outcome: literals(
      OUTCOMES,
      'applied to a payment; known before; suggested to be confirmed; listed for a person; ignored; refused by a rule',
    ),
    code: Type.String({ maxLength: 60, description: 'Why, for programs' }),
    explanation: Type.String({ maxLength: 500, description: 'Why, for people' }),
    statement: Text(140, 'Id of its statement'),
    entry: Nullable(Count),
    transaction: Nullable(Count),
    action: Nullable(literals(ANSWER_ACTIONS, 'What it does to the payment')),
    payment_id: Nullable(Id('payment')),
    batch_id: Nullable(Id('payment_batch')),
    payments: Type.Integer({ minimum: 0, description: 'Payments that it was applied to' }),
    amount: Text(23),
    currency: Text(3),
    direction: Nullable(literals(['credit', 'debit'] as const)),
    booked_on: Nullable(CalendarDate),
    bank_reference: Text(140),
    end_to_end_id: Text(140),
    counterparty: Text(140),
    counterparty_account: Text(40, 'Masked'),
    remittance: Text(140, 'Its beginning'),
    bank_status: Text(40, 'Status or return code of the bank'),
    reason: Text(500, 'Reasons of the bank in words'),
    confirmed_by: Nullable(Id('user')),
  },
  { $id: 'BankMessageLine' },
);
export type BankMessageLine = Static<typeof BankMessageLine>;
export const BankMessageLinePage = Type.Object(
  {
    data: Type.Array(Type.Unsafe<BankMessageLine>({ $ref: 'BankMessageLine#' })),
    next_cursor: Nullable(Type.String()),
  },
  {
    $id: 'BankMessageLinePage',
    description: 'In the order of the file. A page may be short and still have a next_cursor.',
  },
);

export const BankMessageQuery = Strict({
  ...pageQuery,
  status: Type.Optional(literals(MESSAGE_STATUSES)),
  created_from: Type.Optional(CalendarDate),
  created_to: Type.Optional(CalendarDate),
});
export type BankMessageQuery = Static<typeof BankMessageQuery>;

export const BankMessageLineQuery = Strict({ ...pageQuery, outcome: Type.Optional(literals(OUTCOMES)) });
export type BankMessageLineQuery = Static<typeof BankMessageLineQuery>;

export const ConfirmLine = Strict(
  {
    line: Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'Number of the line' }),
    payment_id: Type.Optional(Id('payment')),
    reason: Type.Optional(Reason),
  },
  {
    $id: 'ConfirmBankMessageLine',
    description: 'payment_id may be left out where the line suggests one',
    examples: [{ line: 3, payment_id: 'pay_0196f2b4-6f0a-7d11-9d0a-0c6f5c1b2a3d' }],
  },
);
export type ConfirmLine = Static<typeof ConfirmLine>;
