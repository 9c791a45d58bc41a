/**
 * The invoices and credit notes that the decisions of one transaction share: each is read once, and each decision stands on what the
 * ones before it left of them.
 */
import type { Invoice } from '../invoices/index.ts';

export interface Ledger {
  invoice(id: string): Promise<Invoice>;
  /** Takes over what a decision left, once it is part of the transaction. */
  keep(changed: readonly Invoice[]): void;
}

export function createLedger(load: (id: string) => Promise<Invoice>): Ledger {
  const known = new Map<string, Promise<Invoice>>();
  return {
    invoice(id) {
      const found = known.get(id) ?? load(id);
      known.set(id, found);
      return found;
    },
    keep(changed) {
      for (const invoice of changed) known.set(invoice.id, Promise.resolve(invoice));
    },
  };
}
