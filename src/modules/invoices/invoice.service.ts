/** Commands on invoices: load, decide, commit in one unit of work. */
import type { Command } from '../../shared/command.ts';
import type { Draft, EventFacts, Saved } from '../../shared/dynamo/entity-store.ts';
import type { InvoiceType } from './domain/invoice-number.ts';
import type { InvoiceRepository } from './invoice.repository.ts';
import type { Invoice, StoredInvoiceSummary } from './invoice.schema.ts';

export interface InvoiceServiceDeps {
  readonly repository: InvoiceRepository;
}

export interface InvoiceService {
  /** Strongly consistent. @throws DomainError 404 */
  requireForDecision(id: string): Promise<Invoice>;
  /** The writes of a change that another module decides on and commits. */
  updateWrites(command: Command, before: Invoice, after: Draft<Invoice>, event: EventFacts): Saved<Invoice>;
  /** Everything with something payable, by due date; disputed and held ones too. Decide on `requireForDecision`. */
  payable(type: InvoiceType, dueOnOrBefore?: string): AsyncGenerator<StoredInvoiceSummary, void, undefined>;
}

export function createInvoiceService({ repository }: InvoiceServiceDeps): InvoiceService {
  const { invoices } = repository;
  return {
    requireForDecision: (id) => invoices.require(id),
    updateWrites: (command, before, after, event) => invoices.update(command, before, after, event),
    payable: (type, dueOnOrBefore) => repository.payable(type, dueOnOrBefore),
  };
}
