/** Commands on purchase orders: load, decide, commit in one unit of work. */
import { type Command, requireVersion, type WithRate } from '../../shared/command.ts';
import type { DateWindow } from '../../shared/date-window.ts';
import type { Draft, EventFacts } from '../../shared/dynamo/entity-store.ts';
import type { Page, PageRequest } from '../../shared/dynamo/query.ts';
import type { PendingWrite, UnitOfWork } from '../../shared/dynamo/unit-of-work.ts';
import { conflictError, ruleError } from '../../shared/errors.ts';
import { requireVendorFor, type VendorRepository } from '../vendors/index.ts';
import { amendedOrder } from './amendment.ts';
import { noCounters, orderView } from './order-counters.ts';
import type { LoadedOrder, PurchaseOrderRepository } from './purchase-order.repository.ts';
import type {
  AmendPurchaseOrder,
  CreatePurchaseOrder,
  Notice,
  PurchaseOrder,
  PurchaseOrderQuery,
  PurchaseOrderSummary,
  PurchaseOrderView,
  UpdatePurchaseOrder,
} from './purchase-order.schema.ts';
import { changedOrder, type DecisionFacts, decideOrder, newOrder, type PurchaseOrderAction } from './purchase-order.ts';
import type { VendorOrders } from './vendor-orders.service.ts';

export interface PurchaseOrderServiceDeps {
  readonly repository: PurchaseOrderRepository;
  readonly vendorOrders: VendorOrders;
  readonly vendors: Pick<VendorRepository, 'vendors' | 'reference'>;
  readonly unitOfWork: UnitOfWork;
  readonly withRate: WithRate;
  /** Whether a person with that id exists: an order can be requested for another. */
  readonly isPerson: (id: string) => Promise<boolean>;
  /** Invoices are downstream, so they are asked through this port. */
  readonly invoicesOf: (orderId: string) => Promise<InvoicesOfOrder>;
  /** The days that a document may have. */
  readonly documentWindow: (now: Date) => Promise<DateWindow>;
}

export interface InvoicesOfOrder {
  /** Those that are not rejected or voided. */
  readonly live: readonly {
    readonly id: string;
    readonly invoice_number: string;
    readonly status: string;
    /** Not approved yet. */
    readonly waiting: boolean;
  }[];
  /** No other invoice named the order since: what fails it is decided again. */
  readonly unchanged: PendingWrite;
}

export interface PurchaseOrderService {
  get(id: string): Promise<PurchaseOrderView>;
  list(query: PurchaseOrderQuery, page: PageRequest): Promise<Page<PurchaseOrderSummary>>;
  create(command: Command, body: CreatePurchaseOrder): Promise<PurchaseOrderView>;
  update(command: Command, id: string, body: UpdatePurchaseOrder): Promise<PurchaseOrderView>;
  act(
    command: Command,
    id: string,
    action: PurchaseOrderAction,
    reason: string | undefined,
  ): Promise<PurchaseOrderView>;
  amend(command: Command, id: string, body: AmendPurchaseOrder): Promise<PurchaseOrderView>;
}

/** Invoices that a reply names one by one. */
const MOST_NAMED = 50;

/** What a command rests on besides the order, and what its reply tells besides. */
interface Guarded {
  readonly writes: readonly PendingWrite[];
  readonly notices?: Notice[];
}

/** What may name a day. */
interface Dated {
  readonly delivery_date?: string | null;
}

export function createPurchaseOrderService(deps: PurchaseOrderServiceDeps): PurchaseOrderService {
  const { repository, unitOfWork } = deps;
  const { orders } = repository;

  /** The vendor as it was read: one that is blocked meanwhile has the command decided again. */
  async function vendorCheck(vendorId: string, purpose: 'draft' | 'order'): Promise<PendingWrite> {
    const vendor = await deps.vendors.vendors.get(vendorId);
    if (vendor === undefined)
      throw ruleError('purchase_order.unknown-vendor', `There is no vendor with id ${vendorId}.`, [
        { pointer: '/vendor_id', detail: 'is no vendor' },
      ]);
    requireVendorFor(vendor, purpose);
    return deps.vendors.vendors.check(vendorId, { kind: 'equals', attribute: 'status', value: vendor.status });
  }

  async function refuseUnknownRequester(id: string | undefined): Promise<void> {
    if (id === undefined || (await deps.isPerson(id))) return;
    throw ruleError('purchase_order.unknown-requester', `There is no user with id ${id}.`, [
      { pointer: '/requested_by', detail: 'is no user' },
    ]);
  }

  const windowFor = async (command: Command, { delivery_date }: Dated): Promise<DateWindow | undefined> =>
    typeof delivery_date === 'string' ? deps.documentWindow(command.now) : undefined;

  /** Every change of an order that stands: under the version seen, with what else it rests on. */
  const change = (
    command: Command,
    id: string,
    event: EventFacts,
    decide: (loaded: LoadedOrder, facts: DecisionFacts) => Draft<PurchaseOrder>,
    guards: (loaded: LoadedOrder, after: Draft<PurchaseOrder>) => Promise<Guarded>,
    dated: Dated = {},
  ): Promise<PurchaseOrderView> =>
    unitOfWork.run(command, async () => {
      const [loaded, window] = await Promise.all([repository.loadOrderForDecision(id), windowFor(command, dated)]);
      requireVersion(command, 'purchase_order', loaded.order.version);
      const actor = await deps.withRate(command.actor, loaded.order.currency, command.now);
      const after = decide(loaded, { ...factsOf({ ...command, actor }, event.reason), window });
      const { writes: guarding, notices } = await guards(loaded, after);
      const naming = await deps.vendorOrders.namingWrites(command, loaded.order, after);
      const { entity, writes } = orders.update(command, loaded.order, after, event);
      const view = orderView(entity, loaded.counters);
      return {
        result: notices === undefined ? view : { ...view, notices },
        writes: [...writes, ...guarding, ...naming],
      };
    });

  /** What an action rests on besides the order itself. */
  const guardsOf =
    (action: PurchaseOrderAction) =>
    async ({ order, counters }: LoadedOrder): Promise<Guarded> => {
      switch (action) {
        case 'submit':
        case 'send':
        case 'reopen':
          return { writes: [await vendorCheck(order.vendor_id, 'order')] };
        case 'approve':
          return { writes: [repository.countersCheck(counters)] };
        case 'cancel':
          return { writes: [repository.countersCheck(counters), await noLiveInvoice(order.id)] };
        case 'close':
          return { writes: [], notices: await waitingInvoices(order.id) };
        case 'recall':
        case 'reject':
          return { writes: [] };
      }
    };

  async function noLiveInvoice(orderId: string): Promise<PendingWrite> {
    const { live, unchanged } = await deps.invoicesOf(orderId);
    if (live.length === 0) return unchanged;
    throw conflictError(
      'purchase_order.in-use',
      'Live invoices name this order. Reject or void them, or move them to another order, before it is cancelled.',
      live.slice(0, MOST_NAMED).map(({ id, invoice_number, status }) => ({
        pointer: '',
        detail: `Invoice ${invoice_number} (${id}) is ${status}`,
      })),
    );
  }

  async function waitingInvoices(orderId: string): Promise<Notice[]> {
    const { live } = await deps.invoicesOf(orderId);
    return live
      .filter(({ waiting }) => waiting)
      .slice(0, MOST_NAMED)
      .map(({ id, invoice_number, status }) => ({
        code: 'purchase_order.invoice-waiting',
        detail: `Invoice ${invoice_number} is ${status}; it cannot be approved while the order is closed.`,
        invoice_id: id,
      }));
  }

  return {
    async get(id) {
      const { order, counters } = await repository.loadOrderForDecision(id);
      return orderView(order, counters);
    },
    list: (query, page) => repository.list(query, page),
    create: (command, body) =>
      unitOfWork.run(command, async () => {
        const facts = { ...factsOf(command), window: await windowFor(command, body) };
        const draft = newOrder(command.ids.next('purchase_order'), body, facts);
        const [vendor] = await Promise.all([
          vendorCheck(body.vendor_id, 'draft'),
          refuseUnknownRequester(body.requested_by),
        ]);
        const { entity, writes } = orders.create(command, draft);
        return {
          result: orderView(entity, noCounters(entity.id)),
          writes: [
            ...writes,
            ...repository.numberWrites(undefined, entity),
            vendor,
            deps.vendors.reference(entity.vendor_id),
            ...(await deps.vendorOrders.namingWrites(command, undefined, entity)),
          ],
        };
      }),
    update: (command, id, body) =>
      change(
        command,
        id,
        { action: 'updated' },
        ({ order }, facts) => changedOrder(order, body, facts),
        async ({ order }, after) => {
          const [vendor] = await Promise.all([
            vendorCheck(after.vendor_id, 'draft'),
            refuseUnknownRequester(body.requested_by),
          ]);
          const moved = after.vendor_id === order.vendor_id ? [] : [deps.vendors.reference(after.vendor_id)];
          return { writes: [vendor, ...moved, ...repository.numberWrites(order, after)] };
        },
        body,
      ),
    act: (command, id, action, reason) =>
      change(
        command,
        id,
        { action, reason },
        ({ order, counters }, facts) => decideOrder(order, counters, action, facts),
        guardsOf(action),
      ),
    amend: (command, id, body) =>
      change(
        command,
        id,
        { action: 'amend', reason: body.reason },
        ({ order, counters }, facts) => amendedOrder(order, counters, body, facts),
        async ({ counters }) => ({ writes: [repository.countersCheck(counters)] }),
        body,
      ),
  };
}

const factsOf = (command: Command, reason?: string): DecisionFacts => ({
  actor: command.actor,
  now: command.now,
  reason,
});
