/** What an invoice stands on, loaded for a decision: its order with the counters, the invoice it credits, the tolerances. And what moves with it. */
import type { Command } from '../../shared/command.ts';
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import type { PendingWrite } from '../../shared/dynamo/unit-of-work.ts';
import { type LoadedOrder, moveCounters, type PurchaseOrderRepository } from '../purchase-orders/index.ts';
import type { VendorRepository } from '../vendors/index.ts';
import { type MatchDecision, matchInvoice } from './domain/match.ts';
import type { QuantityTake, UnitConversion } from './domain/match-facts.ts';
import { overrideTakes } from './domain/match-takes.ts';
import type { ToleranceLevels } from './domain/tolerances.ts';
import { type InvoiceRepository, matchText } from './invoice.repository.ts';
import type { Invoice } from './invoice.schema.ts';
import type { CreateInvoice } from './invoice-bodies.schema.ts';
import type { InvoiceCredits } from './invoice-credits.service.ts';
import { type Named, withCreditedOrder } from './invoice-draft.ts';
import { type MatchContext, matchInputOf, movementsOf, statesOtherUnits } from './invoice-match.ts';

export interface GroundDeps {
  readonly repository: InvoiceRepository;
  readonly vendors: Pick<VendorRepository, 'vendors' | 'reference' | 'identities'>;
  readonly orders: Pick<
    PurchaseOrderRepository,
    'orders' | 'loadOrderForDecision' | 'counterWrites' | 'orderStatusWrites' | 'orderCheck' | 'queue'
  >;
  /** Those of the vendor, of its items and of the company; as shipped where nobody set any. */
  readonly tolerances: (vendorId: string) => Promise<ToleranceLevels>;
  /** All that are set; asked only where a line states another unit than its order's. */
  readonly conversions: () => Promise<readonly UnitConversion[]>;
}

export interface Matched {
  readonly decision: MatchDecision;
  /** What the invoice may hold of its order: what is clean, or what an override allows. */
  readonly takes: readonly QuantityTake[];
  readonly loaded: LoadedOrder | undefined;
  readonly hash: string;
  readonly writes: readonly PendingWrite[];
}

export interface Ground {
  /** What a body names; what does not exist is absent, so that the domain tells it with everything else. */
  named(body: NamingBody): Promise<Named>;
  /** Whoever is named must still be so when the invoice is written; and a vendor with an invoice is not deleted. */
  namedWrites(named: Named): readonly PendingWrite[];
  order(invoice: Pick<Invoice, 'po_id'>): Promise<LoadedOrder | undefined>;
  matched(invoice: Invoice, loaded: LoadedOrder | undefined, now: Date): Promise<Matched>;
  /** The order's counters and invoice_status, moved by what the invoice holds now and held before. */
  orderWrites(
    command: Command,
    loaded: LoadedOrder | undefined,
    before: Pick<Invoice, 'takes'>,
    after: Draft<Invoice>,
  ): readonly PendingWrite[];
}

type NamingBody = Pick<CreateInvoice, 'type' | 'vendor_id' | 'po_id' | 'credited_invoice_id'>;

export function createGround(
  { repository, vendors, orders, tolerances, conversions }: GroundDeps,
  credits: Pick<InvoiceCredits, 'notesOf'>,
): Ground {
  const optional = async <T>(id: string | null | undefined, get: (id: string) => Promise<T | undefined>) =>
    id === null || id === undefined ? undefined : get(id);
  return {
    async named(body) {
      const [vendor, credited] = await Promise.all([
        vendors.vendors.get(body.vendor_id),
        optional(body.credited_invoice_id, repository.invoices.get),
      ]);
      const { po_id } = withCreditedOrder(body, { credited });
      const [order, creditNotes] = await Promise.all([
        optional(po_id, orders.orders.get),
        credited === undefined ? [] : credits.notesOf(credited),
      ]);
      return { vendor, order, credited, creditNotes };
    },
    namedWrites({ vendor, order }) {
      if (vendor === undefined) return [];
      const held: PendingWrite = vendors.vendors.check(vendor.id, {
        kind: 'all',
        of: [
          { kind: 'equals', attribute: 'status', value: vendor.status },
          // Which claims a number rests on.
          {
            kind: 'equals',
            attribute: 'invoice_numbers_restart_yearly',
            value: vendor.invoice_numbers_restart_yearly,
          },
        ],
      });
      if (order === undefined) return [held, vendors.reference(vendor.id)];
      // The order refers to its vendor already: not writing that mark again keeps a vendor's invoices from queueing on it.
      return [held, orders.orderCheck(order), ...(order.vendor_id === vendor.id ? [] : [vendors.reference(vendor.id)])];
    },
    order: (invoice) => optional(invoice.po_id, orders.loadOrderForDecision),
    async matched(invoice, loaded, now) {
      const [credited, levels, known] = await Promise.all([
        optional(invoice.credited_invoice_id, repository.invoices.get),
        tolerances(invoice.vendor_id),
        loaded !== undefined && statesOtherUnits(invoice, loaded) ? conversions() : [],
      ]);
      const context: MatchContext = { loaded, credited, tolerances: levels, conversions: known };
      const input = matchInputOf(invoice, context);
      const decision = matchInvoice(input);
      const text = matchText(decision);
      return {
        decision,
        takes: decision.verdict === 'exception' ? overrideTakes(input) : decision.takes,
        loaded,
        hash: text.hash,
        writes: [repository.matchWrite(invoice.id, text, now.toISOString())],
      };
    },
    orderWrites(command, loaded, before, after) {
      if (loaded === undefined) return [];
      const movements = movementsOf(loaded, before.takes, after.takes);
      if (movements.length === 0) return [];
      const next = moveCounters(loaded.counters, movements);
      const { writes } = orders.orderStatusWrites(command, loaded.order, next);
      return [...orders.counterWrites(loaded.counters, next), ...writes];
    },
  };
}
