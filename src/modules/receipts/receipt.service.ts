/** Commands on goods receipts: the receipt, the order's counters and whatever follows move in one unit of work. */
import { type Command, requireVersion } from '../../shared/command.ts';
import type { Saved } from '../../shared/dynamo/entity-store.ts';
import type { Page, PageRequest } from '../../shared/dynamo/query.ts';
import type { Decision, PendingWrite, UnitOfWork } from '../../shared/dynamo/unit-of-work.ts';
import type { Decimal } from '../../shared/money.ts';
import {
  creditExpected,
  type LoadedOrder,
  lineCounters,
  type Movement,
  moveCounters,
  type OrderCounters,
  type PurchaseOrderRepository,
} from '../purchase-orders/index.ts';
import type { ReceiptRepository } from './receipt.repository.ts';
import type { CreateReceipt, Receipt, ReceiptQuery, ReceiptSummary, ReturnGoods } from './receipt.schema.ts';
import { type Decided, postedReceipt, refuseApproverAsReceiver, returnedGoods, reversedReceipt } from './receipt.ts';

/** Goods that went back, and what that means for each line of the order. */
export interface ReturnedGoods {
  readonly receipt_id: string;
  readonly po_id: string;
  readonly vendor_id: string;
  readonly reason: string;
  readonly lines: readonly {
    readonly line_number: number;
    readonly quantity: Decimal;
    /** Billed and gone back, over all returns of this line: not 0 when something unpaid of it is to be held. */
    readonly credit_expected: Decimal;
  }[];
  /** Before and after the return. */
  readonly counters: { readonly before: OrderCounters; readonly after: OrderCounters };
}

export interface ReceiptServiceDeps {
  readonly repository: ReceiptRepository;
  readonly orders: PurchaseOrderRepository;
  readonly unitOfWork: UnitOfWork;
  /** Whether the receiver may not be the order's approver (`/settings/company`). */
  readonly receiverMayNotBeApprover: () => Promise<boolean>;
  /**
   * Holds what is unpaid of the lines that went back, in the return's own transaction. Invoices are downstream, so they are asked through
   * this port; it may be asked again when a race is lost, and makes its ids from the command.
   */
  readonly onReturn: (command: Command, returned: ReturnedGoods) => Promise<readonly PendingWrite[]>;
}

export interface ReceiptService {
  get(id: string): Promise<Receipt>;
  list(query: ReceiptQuery, page: PageRequest): Promise<Page<ReceiptSummary>>;
  /** @throws DomainError 404 for an order that does not exist */
  listOfOrder(orderId: string, query: Omit<ReceiptQuery, 'po_id'>, page: PageRequest): Promise<Page<ReceiptSummary>>;
  create(command: Command, orderId: string, body: CreateReceipt): Promise<Receipt>;
  reverse(command: Command, id: string, reason: string): Promise<Receipt>;
  returnGoods(command: Command, id: string, body: ReturnGoods): Promise<Receipt>;
}

export function createReceiptService(deps: ReceiptServiceDeps): ReceiptService {
  const { repository, orders, unitOfWork } = deps;
  const { receipts } = repository;

  /** The receipt with the counters it moves, and the order where its receipt_status follows. */
  function moved(
    command: Command,
    { order, counters }: LoadedOrder,
    saved: Saved<Receipt>,
    movements: readonly Movement[],
  ) {
    const after = moveCounters(counters, movements);
    const writes = [
      ...saved.writes,
      ...orders.counterWrites(counters, after),
      ...orders.orderStatusWrites(command, order, after).writes,
    ];
    return { after, decision: { result: saved.entity, writes } satisfies Decision<Receipt> };
  }

  /** A decision on a receipt that stands: it and its order as they are now. */
  async function decideOn(
    command: Command,
    id: string,
    decide: (receipt: Receipt, loaded: LoadedOrder) => Promise<Decision<Receipt>>,
  ): Promise<Receipt> {
    const { po_id } = await receipts.require(id);
    return orders.queue.inTurn(po_id, () =>
      unitOfWork.run(command, async () => {
        const [receipt, loaded] = await Promise.all([receipts.require(id), orders.loadOrderForDecision(po_id)]);
        requireVersion(command, 'receipt', receipt.version);
        return decide(receipt, loaded);
      }),
    );
  }

  return {
    get: (id) => receipts.require(id),
    list: (query, page) => repository.list(query, page),
    async listOfOrder(orderId, query, page) {
      await orders.orders.require(orderId);
      return repository.list({ ...query, po_id: orderId }, page);
    },
    create: (command, orderId, body) =>
      orders.queue.inTurn(orderId, () =>
        unitOfWork.run(command, async () => {
          const [loaded, barred] = await Promise.all([
            orders.loadOrderForDecision(orderId),
            deps.receiverMayNotBeApprover(),
          ]);
          const { id: actorId } = command.actor;
          if (barred) refuseApproverAsReceiver(loaded.order, actorId);
          const by = { actorId, now: command.now };
          const { receipt, movements } = postedReceipt(command.ids.next('receipt'), loaded, body, by);
          return moved(command, loaded, receipts.create(command, receipt), movements).decision;
        }),
      ),
    reverse: (command, id, reason) =>
      decideOn(command, id, async (receipt, loaded) => {
        const decided = reversedReceipt(receipt, loaded.counters, loaded.order);
        const saved = receipts.update(command, receipt, decided.receipt, { action: 'reverse', reason });
        return moved(command, loaded, saved, decided.movements).decision;
      }),
    returnGoods: (command, id, body) =>
      decideOn(command, id, async (receipt, loaded) => {
        const decided = returnedGoods(receipt, body, { actorId: command.actor.id, now: command.now });
        const saved = receipts.update(command, receipt, decided.receipt, { action: 'return', reason: body.reason });
        const { after, decision } = moved(command, loaded, saved, decided.movements);
        const held = await deps.onReturn(command, returned(receipt, decided, body.reason, loaded.counters, after));
        return { ...decision, writes: [...decision.writes, ...held] };
      }),
  };
}

const returned = (
  receipt: Receipt,
  { movements }: Decided,
  reason: string,
  before: OrderCounters,
  after: OrderCounters,
): ReturnedGoods => ({
  receipt_id: receipt.id,
  po_id: receipt.po_id,
  vendor_id: receipt.vendor_id,
  reason,
  lines: movements.map(({ line_number, returned_quantity = '0' }) => ({
    line_number,
    quantity: returned_quantity,
    credit_expected: creditExpected(lineCounters(after, line_number)),
  })),
  counters: { before, after },
});
