/** Files of batches as they are listed, and the record of one payment. */
import { type Static, Type } from '@sinclair/typebox';
import {
  Amount,
  CalendarDate,
  CurrencyCode,
  Id,
  Nullable,
  pageOf,
  pageQuery,
  Strict,
  Timestamp,
} from '../../shared/http/schemas.ts';

export const ExportFormat = Type.Union([Type.Literal('xml'), Type.Literal('json')]);
export type ExportFormat = Static<typeof ExportFormat>;

const ExportFile = Type.Object({
  format: ExportFormat,
  path: Type.String({ description: 'Where a GET downloads it' }),
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  size: Type.Integer({ minimum: 1, description: 'Bytes' }),
});

export const ExportItem = Type.Object(
  {
    batch_id: Id('payment_batch'),
    status: Type.String(),
    created_at: Timestamp,
    message_id: Nullable(Type.String()),
    execution_date: CalendarDate,
    currency: CurrencyCode,
    count: Type.Integer({ minimum: 0 }),
    control_sum: Amount,
    first_downloaded_at: Nullable(Timestamp),
    files: Type.Array(ExportFile),
  },
  { $id: 'Export', description: 'The files of a batch' },
);
export type ExportItem = Static<typeof ExportItem>;
export const ExportPage = pageOf(ExportItem, 'ExportPage');

export const ExportQuery = Strict({
  ...pageQuery,
  created_from: Type.Optional(CalendarDate),
  created_to: Type.Optional(CalendarDate),
});
export type ExportQuery = Static<typeof ExportQuery>;

export const FileParams = Strict({ batch_id: Id('payment_batch'), format: ExportFormat });

const fields = (...names: readonly string[]) =>
  Type.Object(Object.fromEntries(names.map((name) => [name, Nullable(Type.String())])));

export const PaymentRecordReply = Type.Object(
  {
    record_version: Type.Literal('1'),
    payment: fields(
      'payment_id',
      'reference_number',
      'status',
      'integration_status',
      'payment_amount',
      'discount_taken',
      'currency',
      'payment_method',
      'payment_date',
      'batch_id',
      'notes',
    ),
    invoice: fields('invoice_id', 'invoice_number', 'invoice_date', 'due_date', 'total_amount', 'po_id'),
    vendor: fields('vendor_id', 'name', 'tax_id'),
    bank_account: Nullable(fields('holder_name', 'iban', 'bic', 'routing_number', 'account_number')),
  },
  {
    $id: 'PaymentRecord',
    description: 'One payment as a record for another system, never an order to a bank; account numbers are masked',
  },
);
