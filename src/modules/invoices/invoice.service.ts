/** Commands on invoices: load, decide, commit in one unit of work. */
import { type Command, requireVersion, type WithRate } from '../../shared/command.ts';
import type { DateWindow } from '../../shared/date-window.ts';
import type { Draft, EventFacts, Saved } from '../../shared/dynamo/entity-store.ts';
import type { Page, PageRequest } from '../../shared/dynamo/query.ts';
import type { RecentNames } from '../../shared/dynamo/recent-names.ts';
import type { Decision, PendingWrite, UnitOfWork } from '../../shared/dynamo/unit-of-work.ts';
import { DomainError, requireNamed, ruleError } from '../../shared/errors.ts';
import { type Decimal, isPositive } from '../../shared/money.ts';
import type { InvoicesOfOrder, LoadedOrder } from '../purchase-orders/index.ts';
import type { InvoiceType } from './domain/invoice-number.ts';
import { failedChecks } from './domain/match.ts';
import { isOverdue } from './domain/open-amount.ts';
import type { Invoice, InvoiceQuery, InvoiceSummary, StoredInvoiceSummary } from './invoice.schema.ts';
import { decideInvoice, heldInvoice, isUnpaidOf, placedHold, releasedInvoice, requireStatus } from './invoice.ts';
import {
  approvedInvoice,
  isOverridden,
  nextStep,
  requireApprover,
  requirePermission,
  requireReason,
  type Step,
} from './invoice-approval.ts';
import { creditApplied, creditUnapplied } from './invoice-balance.ts';
import type { ApplyCredit, CreateInvoice, UnapplyCredit, UpdateInvoice } from './invoice-bodies.schema.ts';
import { type Credited, createInvoiceCredits } from './invoice-credits.service.ts';
import { isLive, requireCreditsKept, requireNotCredited } from './invoice-credits.ts';
import { changedInvoice, mergedBody, type Named, newInvoice } from './invoice-draft.ts';
import { createGround, type GroundDeps } from './invoice-ground.service.ts';
import type { MatchReply } from './invoice-match.schema.ts';
import {
  matchedInvoice,
  matchSummary,
  requireKnownQuantities,
  requireOrderOpen,
  requireRebillable,
  requireSameFindings,
} from './invoice-match.ts';
import { freeNumber, lookAgain, takeNumber } from './invoice-number.service.ts';
import { createOrderInvoicesService } from './order-invoices.service.ts';

export interface InvoiceServiceDeps extends GroundDeps {
  readonly unitOfWork: UnitOfWork;
  readonly orderInvoices: RecentNames;
  /** The company's calendar day. */
  readonly today: (now: Date) => Promise<string>;
  readonly withRate: WithRate;
  /** The days that a document may have. */
  readonly documentWindow: (now: Date) => Promise<DateWindow>;
}

export type InvoiceView = Invoice & { readonly overdue: boolean };
/** What receipts tell of goods that went back. */
export interface ReturnedLines {
  readonly po_id: string;
  readonly reason: string;
  /** `credit_expected`: billed and gone back, over all returns of the line. */
  readonly lines: readonly { readonly line_number: number; readonly credit_expected: Decimal }[];
}

export type PlainAction = 'reject' | 'dispute' | 'resolve' | 'void' | 'free-number';

export interface InvoiceService {
  get(id: string, now: Date): Promise<InvoiceView>;
  list(query: InvoiceQuery, page: PageRequest, now: Date): Promise<Page<InvoiceSummary>>;
  getMatch(id: string): Promise<MatchReply>;
  create(command: Command, body: CreateInvoice): Promise<InvoiceView>;
  update(command: Command, id: string, body: UpdateInvoice): Promise<InvoiceView>;
  match(command: Command, id: string, reason: string | undefined): Promise<InvoiceView>;
  approve(command: Command, id: string, reason: string | undefined): Promise<InvoiceView>;
  act(command: Command, id: string, action: PlainAction, reason: string | undefined): Promise<InvoiceView>;
  hold(command: Command, id: string, reason: string): Promise<InvoiceView>;
  release(command: Command, id: string, holdId: string, reason: string | undefined): Promise<InvoiceView>;
  /** Of a credit note to an invoice; gives the credit note. */
  apply(command: Command, id: string, body: ApplyCredit): Promise<InvoiceView>;
  unapply(command: Command, id: string, body: UnapplyCredit): Promise<InvoiceView>;
  /** Strongly consistent. @throws DomainError 404 */
  requireForDecision(id: string): Promise<Invoice>;
  /** The writes of a change that another module decides on and commits. */
  updateWrites(command: Command, before: Invoice, after: Draft<Invoice>, event: EventFacts): Saved<Invoice>;
  /** Everything with something payable, by due date; disputed and held ones too. Decide on `requireForDecision`. */
  payable(type: InvoiceType, dueOnOrBefore?: string): AsyncGenerator<StoredInvoiceSummary, void, undefined>;
  /** The port of purchase orders: which invoices name an order. */
  invoicesOf(orderId: string): Promise<InvoicesOfOrder>;
  /** The port of receipts: what is unpaid of lines that were billed and went back is held, in the transaction of the return. */
  holdReturned(command: Command, returned: ReturnedLines): Promise<readonly PendingWrite[]>;
}

/** Two writes each, and the return itself needs room in its transaction. */
const MOST_HELD_AT_ONCE = 40;

export function createInvoiceService(deps: InvoiceServiceDeps): InvoiceService {
  const { repository, unitOfWork } = deps;
  const { invoices } = repository;
  const credits = createInvoiceCredits(repository);
  const ground = createGround(deps, credits);
  const orderInvoices = createOrderInvoicesService(deps);
  /** Entries on one order share an item, so they take turns. */
  const inTurn = <T>(poId: string | null | undefined, run: () => Promise<T>): Promise<T> =>
    typeof poId === 'string' ? deps.orders.queue.inTurn(poId, run) : run();
  const numbers = { repository, identities: deps.vendors.identities };
  const factsOf = (command: Command) => ({ actorId: command.actor.id, now: command.now });

  const viewed = async (invoice: Invoice, now: Date): Promise<InvoiceView> => ({
    ...invoice,
    overdue: isOverdue(invoice, await deps.today(now)),
  });
  const decided = async (
    command: Command,
    saved: Saved<Invoice>,
    more: readonly PendingWrite[] = [],
  ): Promise<Decision<InvoiceView>> => ({
    result: await viewed(saved.entity, command.now),
    writes: [...saved.writes, ...more],
  });
  /** The version the caller saw, in every command on an invoice that exists. */
  const seen = async (command: Command, id: string): Promise<Invoice> => {
    const invoice = await invoices.require(id);
    requireVersion(command, 'invoice', invoice.version);
    return invoice;
  };
  const namedBy = async (command: Command, body: CreateInvoice): Promise<Named> => {
    const [named, window] = await Promise.all([ground.named(body), deps.documentWindow(command.now)]);
    return { ...named, window };
  };
  const orderToGiveBack = async (before: Invoice): Promise<LoadedOrder | undefined> => {
    if (before.takes.length === 0) return undefined;
    const loaded = await ground.order(before);
    if (loaded !== undefined && before.type === 'credit_note') requireRebillable(loaded, before.takes);
    return loaded;
  };

  /** What an approval stands on: the match as it was seen, or made again where the order moved on or quantities move only now. */
  async function approvalGround(command: Command, before: Invoice, step: Step) {
    const loaded = await ground.order(before);
    if (loaded === undefined) return { loaded, step, invoice: before, takes: before.takes, writes: [] };
    requireOrderOpen(before, loaded);
    const again =
      step === 'override' ||
      before.type === 'credit_note' ||
      loaded.order.approved_revision !== before.match?.po_revision;
    const check = deps.orders.orderCheck(loaded.order);
    // An override of older days may stand on a quantity that nobody knew.
    requireKnownQuantities(before, before.match?.failed_checks ?? []);
    if (!again) return { loaded, step, invoice: before, takes: before.takes, writes: [check] };
    const matched = await ground.matched(before, loaded, command.now);
    const { decision } = matched;
    requireSameFindings(before.match, decision, step === 'override' || isOverridden(before));
    const failed = failedChecks(decision, Infinity).checks;
    requireKnownQuantities(before, failed);
    const reached = decision.verdict === 'exception' ? step : nextStep(before, false);
    if (reached !== step) requireApprover(before, reached, command.actor);
    if (reached === 'override' && failed.some(({ kind }) => kind === 'unmatched_line'))
      requirePermission(command.actor, 'invoice:override_unmatched_line');
    const match = matchSummary(decision, { now: command.now, hash: matched.hash, loaded });
    const invoice = { ...before, match };
    return { loaded, step: reached, invoice, takes: matched.takes, writes: [check, ...matched.writes] };
  }

  /** The credit note of the path first: of two that are not there it is the one to tell. */
  const parties = async (command: Command, id: string, invoiceId: string): Promise<readonly [Invoice, Invoice]> => {
    const creditNote = await seen(command, id);
    const named = requireNamed(invoices.require(invoiceId), 'invoice.credit-not-applicable', '/invoice_id');
    return [creditNote, await named];
  };

  return {
    get: async (id, now) => viewed(await invoices.require(id), now),
    async list(query, page, now) {
      const [{ data, next_cursor }, today] = await Promise.all([repository.list(query, page), deps.today(now)]);
      return { data: data.map((summary) => ({ ...summary, overdue: isOverdue(summary, today) })), next_cursor };
    },
    async getMatch(id) {
      const { invoice, stored } = await repository.withMatch(id);
      if (invoice.match === null || stored === undefined)
        throw new DomainError(
          'not_found',
          'invoice.not-matched',
          'This invoice was not matched since it last changed.',
        );
      const { match, hash, matched_at } = stored;
      const lines = match.lines.map((line) => ({ ...line, checks: [...line.checks] }));
      return { ...match, invoice_id: id, lines, totals: [...match.totals], hash, matched_at };
    },
    create: (command, body) =>
      inTurn(body.po_id, () =>
        unitOfWork.run(command, async () => {
          const named = await namedBy(command, body);
          const made = newInvoice(command.ids.next('invoice'), body, named, command.actor.id);
          const { draft, writes } = await takeNumber(command, numbers, undefined, made, named.vendor);
          const credited = await credits.writes(command, undefined, draft, creditedOf(named));
          const naming = await orderInvoices.namingWrites(command, undefined, draft);
          return decided(command, invoices.create(command, draft), [
            ...writes,
            ...credited,
            ...naming,
            ...ground.namedWrites(named),
          ]);
        }),
      ),
    update: (command, id, body) =>
      unitOfWork.run(command, async () => {
        const before = await seen(command, id);
        requireStatus(before, 'update');
        const [named, loaded] = await Promise.all([
          namedBy(command, mergedBody(before, body)),
          orderToGiveBack(before),
        ]);
        const changed = changedInvoice(before, body, named, command.actor.id);
        requireCreditsKept(before, changed, await credits.notesOf(before));
        const { draft, writes } = await takeNumber(command, numbers, before, changed, named.vendor);
        const saved = invoices.update(command, before, draft, { action: 'updated' });
        const given = ground.orderWrites(command, loaded, before, draft);
        const credited = await credits.writes(command, before, draft, creditedOf(named));
        const naming = await orderInvoices.namingWrites(command, before, draft);
        return decided(command, saved, [...writes, ...given, ...credited, ...naming, ...ground.namedWrites(named)]);
      }),
    match: (command, id, reason) =>
      unitOfWork.run(command, async () => {
        const before = await seen(command, id);
        requireStatus(before, 'match');
        const standing = await credits.standing(before);
        const [matched, vendor] = await Promise.all([
          ground.order(before).then((order) => ground.matched(before, order, command.now)),
          deps.vendors.vendors.get(before.vendor_id),
        ]);
        const alike = await lookAgain(command, numbers, before, vendor);
        const facts = { ...matched, now: command.now };
        const after = { ...matchedInvoice(before, matched.decision, facts), ...alike.changes };
        const saved = invoices.update(command, before, after, { action: 'match', reason });
        return decided(command, saved, [
          ...standing,
          ...alike.writes,
          ...matched.writes,
          ...ground.orderWrites(command, matched.loaded, before, after),
        ]);
      }),
    approve: (command, id, reason) =>
      unitOfWork.run(command, async () => {
        const before = await seen(command, id);
        requireStatus(before, 'approve');
        const wanted = nextStep(before, before.status === 'exception');
        const actor = await deps.withRate(command.actor, before.currency, command.now);
        requireApprover(before, wanted, actor);
        requireReason(wanted, reason);
        const standing = await credits.standing(before);
        const { loaded, step, invoice, takes, writes } = await approvalGround({ ...command, actor }, before, wanted);
        const after = approvedInvoice(invoice, step, { ...factsOf(command), reason, takes });
        const event = { action: step === 'override' ? 'override' : 'approve', reason };
        const saved = invoices.update(command, before, after, event);
        const moved = ground.orderWrites(command, loaded, before, after);
        return decided(command, saved, [...standing, ...writes, ...moved]);
      }),
    act: (command, id, action, reason) =>
      unitOfWork.run(command, async () => {
        const before = await seen(command, id);
        if (TAKES_BACK.has(action)) requireNotCredited(before, await credits.notesOf(before), action);
        const after = decideInvoice(before, action);
        const loaded = await orderToGiveBack(before);
        const saved = invoices.update(command, before, after, { action, reason });
        const freed = action === 'free-number' ? await freeNumber(repository, before, after) : [];
        const credited = isLive(before) === isLive(after) ? [] : await credits.writes(command, before, after);
        const moved = ground.orderWrites(command, loaded, before, after);
        return decided(command, saved, [...freed, ...credited, ...moved]);
      }),
    hold: (command, id, reason) =>
      unitOfWork.run(command, async () => {
        const before = await seen(command, id);
        requireStatus(before, 'hold');
        const hold = placedHold(command.ids.next('hold'), 'manual', reason, factsOf(command));
        const after = heldInvoice(before, hold);
        return decided(command, invoices.update(command, before, after, { action: 'hold', reason }));
      }),
    release: (command, id, holdId, reason) =>
      unitOfWork.run(command, async () => {
        const before = await seen(command, id);
        const after = releasedInvoice(before, holdId);
        return decided(command, invoices.update(command, before, after, { action: 'release', reason }));
      }),
    apply: (command, id, { invoice_id, amount, reason }) =>
      unitOfWork.run(command, async () => {
        const [creditNote, invoice] = await parties(command, id, invoice_id);
        const standing = await credits.standing(creditNote);
        const applied = creditApplied(creditNote, invoice, amount, factsOf(command));
        const saved = invoices.update(command, creditNote, applied.credit_note, { action: 'apply', reason });
        const other = invoices.update(command, invoice, applied.invoice, { action: 'credited', reason });
        return decided(command, saved, [...standing, ...other.writes]);
      }),
    unapply: (command, id, { invoice_id, reason }) =>
      unitOfWork.run(command, async () => {
        const [creditNote, invoice] = await parties(command, id, invoice_id);
        const taken = creditUnapplied(creditNote, invoice);
        const saved = invoices.update(command, creditNote, taken.credit_note, { action: 'unapply', reason });
        const other = invoices.update(command, invoice, taken.invoice, { action: 'credit_taken_back', reason });
        return decided(command, saved, other.writes);
      }),
    requireForDecision: (id) => invoices.require(id),
    updateWrites: (command, before, after, event) => invoices.update(command, before, after, event),
    invoicesOf: orderInvoices.invoicesOf,
    payable: (type, dueOnOrBefore) => repository.payable(type, dueOnOrBefore),
    async holdReturned(command, { po_id, lines, reason }) {
      const billed = lines.filter(({ credit_expected }) => isPositive(credit_expected));
      if (billed.length === 0) return [];
      const returned = new Set(billed.map(({ line_number }) => line_number));
      const writes: PendingWrite[] = [];
      let held = 0;
      for await (const { id } of repository.ofOrder(po_id)) {
        const before = await invoices.require(id);
        if (!isUnpaidOf(before, returned)) continue;
        held += 1;
        if (held > MOST_HELD_AT_ONCE) throw tooManyToHold();
        const hold = placedHold(command.ids.next('hold'), 'goods_returned', reason, factsOf(command));
        const event = { action: 'hold', reason };
        writes.push(...invoices.update(command, before, heldInvoice(before, hold), event).writes);
      }
      return writes;
    },
  };
}

/** Those that would leave a credit note without its invoice. */
const TAKES_BACK: ReadonlySet<PlainAction> = new Set(['reject', 'dispute', 'void']);

const creditedOf = ({ credited, creditNotes }: Named): Credited | undefined =>
  credited === undefined ? undefined : { invoice: credited, notes: creditNotes };

const tooManyToHold = (): DomainError =>
  ruleError(
    'receipt.too-many-invoices',
    `More than ${MOST_HELD_AT_ONCE} unpaid invoices bill these lines. Return the lines in several parts.`,
  );
