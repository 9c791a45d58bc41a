/** What a bank's message names, looked up: payments by reference, batches by message id, payments of an amount. Each is asked once per run. */
import type { PageRequest } from '../../shared/dynamo/query.ts';
import { add, amount, equal } from '../../shared/money.ts';
import { type Batch, leftAt } from '../payment-batches/index.ts';
import type { Payment, PaymentService } from '../payments/index.ts';
import type { KnownBatch, KnownPayment, Share } from './domain/known.ts';
import type { Money } from './formats/values.ts';

export interface LookupDeps {
  readonly payments: Pick<PaymentService, 'get' | 'byReference' | 'list'>;
  readonly batches: BankBatches;
  /** The company's calendar day. */
  readonly today: (now: Date) => Promise<string>;
}

export interface BankBatches {
  get(id: string): Promise<Batch | undefined>;
  /** The batch whose file has this message id. */
  byMessageId(messageId: string): Promise<Batch | undefined>;
}

export interface Lookups {
  named(references: readonly string[]): Promise<ReadonlyMap<string, KnownPayment>>;
  known(payment: Payment): Promise<KnownPayment>;
  batch(messageIds: readonly string[]): Promise<Batch | undefined>;
  knownBatch(batch: Batch): Promise<KnownBatch>;
  /** Every payment of the batch, as it stands now. */
  members(batchId: string): AsyncGenerator<Payment, void, undefined>;
  /** Payments with the bank of this amount: the newest thousands, since it is a suggestion only. */
  alike(money: Money): Promise<readonly KnownPayment[]>;
}

/** Pages of 100 that a suggestion is looked for in. */
const PAGES = 20;
/** References of a line longer than any of ours name nothing. */
const MAX_REFERENCE = 35;

export function createLookups(deps: LookupDeps): Lookups {
  const batches = new Map<string, Promise<Batch | undefined>>();
  const batchOf = (id: string): Promise<Batch | undefined> => {
    const found = batches.get(id) ?? deps.batches.get(id);
    batches.set(id, found);
    return found;
  };
  let withBank: Promise<readonly Payment['id'][]> | undefined;
  const amounts = new Map<string, Money>();

  async function known(payment: Payment): Promise<KnownPayment> {
    const batch = payment.batch_id === null ? undefined : await batchOf(payment.batch_id);
    const left = batch === undefined ? undefined : leftAt(batch);
    return {
      id: payment.id,
      status: payment.status,
      amount: payment.payment_amount,
      currency: payment.currency,
      batch_id: payment.batch_id,
      debtor_account: batch?.fixed?.debtor.iban ?? null,
      creditor_account: payment.creditor.iban,
      left_on: left === undefined ? null : await deps.today(new Date(left)),
      bank_reference: payment.bank_reference,
    };
  }

  /** Ids and amounts of what the bank has, read once. */
  async function readWithBank(): Promise<readonly string[]> {
    const ids: string[] = [];
    for (const status of ['batched', 'accepted'] as const) {
      let cursor: string | undefined;
      for (let page = 0; page < PAGES; page += 1) {
        const request: PageRequest = { limit: 100, cursor, binding: { principal: '', query: `bank ${status}` } };
        const { data, next_cursor } = await deps.payments.list({ status, limit: 100 }, request);
        for (const { id, payment_amount, currency } of data) {
          ids.push(id);
          amounts.set(id, { amount: payment_amount, currency });
        }
        if (next_cursor === null) break;
        cursor = next_cursor;
      }
    }
    return ids;
  }

  async function* members(batchId: string): AsyncGenerator<Payment, void, undefined> {
    let cursor: string | undefined;
    do {
      const request: PageRequest = { limit: 100, cursor, binding: { principal: '', query: `members ${batchId}` } };
      const page = await deps.payments.list({ batch_id: batchId, limit: 100 }, request);
      for (const { id } of page.data) {
        const payment = await deps.payments.get(id);
        // The index may be a moment behind: who left the batch is none of its payments.
        if (payment.batch_id === batchId) yield payment;
      }
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
  }

  return {
    known,
    members,
    async named(references) {
      const found = new Map<string, KnownPayment>();
      for (const reference of references) {
        if (reference.length > MAX_REFERENCE) continue;
        const payment = await deps.payments.byReference(reference);
        if (payment !== undefined) found.set(reference, await known(payment));
      }
      return found;
    },
    async batch(messageIds) {
      for (const id of messageIds) {
        const batch = await deps.batches.byMessageId(id);
        if (batch?.message_id?.toUpperCase() === id.toUpperCase()) return batch;
      }
      return undefined;
    },
    async knownBatch(batch) {
      let open: Share = { count: 0, sum: amount('0', batch.currency) };
      for await (const { status, payment_amount } of members(batch.id))
        if (status === 'batched' || status === 'accepted')
          open = { count: open.count + 1, sum: amount(add(open.sum, payment_amount), batch.currency) };
      const debtor_account = batch.fixed?.debtor.iban ?? null;
      return {
        id: batch.id,
        currency: batch.currency,
        debtor_account,
        whole: { count: batch.count, sum: batch.control_sum },
        open,
      };
    },
    async alike(money) {
      withBank ??= readWithBank();
      const fitting = (await withBank).filter((id) => {
        const other = amounts.get(id);
        return other !== undefined && other.currency === money.currency && equal(other.amount, money.amount);
      });
      // Two are as ambiguous as twenty.
      return Promise.all(fitting.slice(0, 20).map(async (id) => known(await deps.payments.get(id))));
    },
  };
}
