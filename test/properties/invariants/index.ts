/** What must hold after every history, each under the sentence it is. */
import type { Invariant } from '../state.ts';
import { balances, creditNotes } from './balances.ts';
import { billedPrices, billing, openOrders } from './billing.ts';
import { files } from './files.ts';
import { dryRuns, noFailure, repeats } from './replies.ts';
import { segregation } from './segregation.ts';
import { batchSums, counters, foldedEvents, openAmounts } from './trail.ts';

export const INVARIANTS = {
  balances: ['payments, discounts and credits never exceed what is due', balances],
  credit_notes: ['credit notes never exceed the invoice they name', creditNotes],
  billing: ['billed and not overridden never exceeds ordered or received', billing],
  billed_prices: ['a credit note credits at a price that is billed', billedPrices],
  open_orders: ['no invoice is approved on an order that is not open', openOrders],
  segregation: ['nobody decides on what they made', segregation],
  folded_events: ['every field is what its events tell', foldedEvents],
  open_amounts: ['what is open is what payments and credits left', openAmounts],
  counters: ['what is counted on an order is what its receipts and invoices say', counters],
  batch_sums: ['a batch counts and sums its members', batchSums],
  no_failure: ['no request fails on the server', noFailure],
  dry_runs: ['a dry run leaves nothing', dryRuns],
  repeats: ['a repeat under the same key is answered as the first was', repeats],
  // Last: it downloads every file there is.
  files: ['no payment is in two files, and no invoice is paid by two', files],
} satisfies Readonly<Record<string, readonly [string, Invariant]>>;

export type InvariantName = keyof typeof INVARIANTS;
