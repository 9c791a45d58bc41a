/** What is told of an e-invoice that lies beside an invoice: what it is, and the rules that it breaks. */
import { type Static, Type } from '@sinclair/typebox';
import { Id, Nullable } from '../../shared/http/schemas.ts';

const Text = Nullable(Type.String({ description: 'As the file states it' }));

const FindingReply = Type.Object(
  {
    rule: Type.String({ description: 'Id of EN 16931, such as BR-CO-10; SYNTAX where a value is no number or date' }),
    severity: Type.Union([Type.Literal('fatal'), Type.Literal('warning')]),
    location: Type.String({ description: 'Path of the element, such as /Invoice/InvoiceLine[2]' }),
    message: Type.String({ description: 'What must hold' }),
  },
  { description: 'A rule that the file breaks' },
);

export const EInvoiceReply = Type.Object(
  {
    invoice_id: Id('invoice'),
    document_id: Id('document'),
    sha256: Type.String({ description: 'Of the file, lower-case hex' }),
    syntax: Type.Union([Type.Literal('ubl'), Type.Literal('cii')]),
    kind: Type.Union([Type.Literal('invoice'), Type.Literal('credit_note')]),
    specification: Text,
    number: Text,
    issue_date: Text,
    currency: Text,
    seller_name: Text,
    seller_vat_id: Text,
    purchase_order: Text,
    total_with_vat: Text,
    amount_due: Text,
    valid: Type.Boolean({ description: 'No finding is fatal' }),
    findings: Type.Array(FindingReply, { description: 'All of them, at most 1,000' }),
  },
  {
    $id: 'EInvoice',
    description: 'The newest e-invoice among the documents of an invoice, with the rules of EN 16931 that it breaks',
  },
);
export type EInvoiceReply = Static<typeof EInvoiceReply>;
