/** The credit notes of an invoice, loaded for a decision, and what a credit note writes on the invoice that it names. */
import type { Command } from '../../shared/command.ts';
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import type { PendingWrite } from '../../shared/dynamo/unit-of-work.ts';
import type { InvoiceRepository } from './invoice.repository.ts';
import type { CreditNote, Invoice } from './invoice.schema.ts';
import { creditedBy, isLive, requireCreditStands, withCreditNote } from './invoice-credits.ts';

/** An invoice with the live credit notes that name it, of one moment. */
export interface Credited {
  readonly invoice: Invoice;
  readonly notes: readonly CreditNote[];
}

export interface InvoiceCredits {
  notesOf(invoice: Invoice): Promise<readonly CreditNote[]>;
  /**
   * What the credit note changes on the invoices that it names now and named before. `now` is the invoice as the decision judged it: it is
   * written under that version, so that two credit notes are never both judged by the same list.
   */
  writes(
    command: Command,
    before: Invoice | undefined,
    after: Draft<Invoice>,
    now?: Credited,
  ): Promise<readonly PendingWrite[]>;
  /** That the credit note still stands on its invoice, kept so by the transaction. @throws DomainError 409 */
  standing(note: Invoice): Promise<readonly PendingWrite[]>;
}

export function createInvoiceCredits(repository: InvoiceRepository): InvoiceCredits {
  const { invoices } = repository;

  /** Invoices stored before the list was kept have none: their credit notes are found by the vendor. */
  async function notesOf(invoice: Invoice): Promise<readonly CreditNote[]> {
    if (invoice.type !== 'invoice') return [];
    if (invoice.credit_notes !== undefined) return invoice.credit_notes;
    let found: CreditNote[] = [];
    for await (const { id, type, status } of repository.ofVendor(invoice.vendor_id)) {
      if (type !== 'credit_note' || !isLive({ status })) continue;
      const note = await invoices.require(id);
      if (creditedBy(note) === invoice.id) found = withCreditNote(found, note, true);
    }
    return found;
  }

  async function load(id: string): Promise<Credited> {
    const invoice = await invoices.require(id);
    return { invoice, notes: await notesOf(invoice) };
  }

  function listWrites(command: Command, { invoice, notes }: Credited, after: Draft<Invoice>, names: boolean) {
    const credit_notes = withCreditNote(notes, after, names);
    const event = { action: names ? 'credit_note_named' : 'credit_note_gone' };
    return invoices.update(command, invoice, { ...invoice, credit_notes }, event).writes;
  }

  return {
    notesOf,
    async writes(command, before, after, now) {
      const [old, current] = [creditedBy(before), creditedBy(after)];
      const writes: PendingWrite[] = [];
      if (old !== undefined && old !== current) writes.push(...listWrites(command, await load(old), after, false));
      if (current !== undefined) writes.push(...listWrites(command, now ?? (await load(current)), after, true));
      return writes;
    },
    async standing(note) {
      const id = creditedBy(note);
      if (id === undefined) return [];
      const { invoice, notes } = await load(id);
      requireCreditStands(
        note,
        invoice,
        notes.filter((each) => each.id !== note.id),
      );
      return [invoices.check(id, { kind: 'equals', attribute: 'version', value: invoice.version })];
    },
  };
}
