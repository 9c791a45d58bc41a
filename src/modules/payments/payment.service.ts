/** Commands on payments: load, decide, commit in one unit of work with the invoice they move. */
import { type Command, requireVersion, type WithRate } from '../../shared/command.ts';
import { outsideWindow, paymentWindow } from '../../shared/date-window.ts';
import { requireWithinLimit } from '../../shared/decisions/approval-limit.ts';
import type { Draft, Saved } from '../../shared/dynamo/entity-store.ts';
import type { Page, PageRequest } from '../../shared/dynamo/query.ts';
import type { Decision, PendingWrite, UnitOfWork } from '../../shared/dynamo/unit-of-work.ts';
import {
  conflictError,
  DomainError,
  type ErrorKind,
  refuseIfAny,
  requireNamed,
  ruleError,
} from '../../shared/errors.ts';
import { amount } from '../../shared/money.ts';
import {
  type Invoice,
  type InvoiceService,
  reinstatePayment,
  releasePayment,
  reopenPayment,
  reservePayment,
  resettlePayment,
  settlePayment,
  unsettlePayment,
} from '../invoices/index.ts';
import type { VendorService } from '../vendors/index.ts';
import { isAnswer } from './bank-answer.ts';
import { paymentFor } from './discount.ts';
import { nettedCredits } from './netted-credits.ts';
import { frozen, invoiceCheck, loadPayee, payeeChecks, requirePayee } from './parties.ts';
import { type Obstacle, refuseObstacles } from './payable.ts';
import type { PaymentRepository } from './payment.repository.ts';
import type { CreatePayment, Payment, PaymentQuery, PaymentSummary } from './payment.schema.ts';
import {
  decidePayment,
  dismissFailure,
  type InvoiceEffect,
  newPayment,
  type PaymentAction,
  type PaymentFacts,
} from './payment.ts';
import { requireReport } from './reported-failure.ts';

export interface PaymentServiceDeps {
  readonly repository: PaymentRepository;
  readonly unitOfWork: UnitOfWork;
  readonly vendors: VendorService;
  readonly invoices: InvoiceService;
  /** The company's calendar day. */
  readonly today: (now: Date) => Promise<string>;
  readonly withRate: WithRate;
  readonly batches: MemberGate;
  /** Why no file format can carry such a payment, whatever the bank; formats are downstream. */
  readonly noFormat: NoFormat;
}

export type NoFormat = (
  payment: Pick<Payment, 'payment_amount' | 'currency' | 'reference_number'> & {
    readonly creditor: Pick<Payment['creditor'], 'holder_name' | 'iban' | 'bic'>;
  },
) => Obstacle | undefined;

/** Nobody acts on a member of a batch without its header. Batches are downstream, so they are asked through this port. */
export interface MemberGate {
  /** What the header does in the same transaction, or a check that it stays as it is. @throws DomainError 409 where it does not let the member go. */
  memberWrites(command: Command, member: Payment, act: MemberAct): Promise<readonly PendingWrite[]>;
}

export interface MemberAct {
  readonly action: PaymentAction;
  readonly after: Payment;
}

export type AnswerAction = Extract<PaymentAction, 'accept' | 'settle' | 'fail' | 'return'>;
export type PaymentBody = Pick<PaymentFacts, 'reason' | 'booked_on' | 'bank_reference' | 'reason_code'>;

/** What a callback of Workday makes of a payment. */
export interface WorkdayRecord {
  readonly changes: Partial<Pick<Payment, 'workday_callbacks' | 'integration_status' | 'reported_failure'>>;
  /** What it also does, where it may. */
  readonly action?: 'accept' | 'settle' | 'fail';
  readonly body: PaymentBody;
}
/** `refused` once the action it asked for was refused: then it is only recorded. */
export type DecideWorkday = (payment: Payment, refused: boolean) => Promise<WorkdayRecord | undefined>;

export interface PaymentService {
  get(id: string): Promise<Payment>;
  list(query: PaymentQuery, page: PageRequest): Promise<Page<PaymentSummary>>;
  create(command: Command, body: CreatePayment): Promise<Payment>;
  act(command: Command, id: string, action: PaymentAction, body: PaymentBody): Promise<Payment>;
  /** The payment for a person who sees its account number: on record with the reason before the reply. */
  reveal(command: Command, id: string, reason: string): Promise<Payment>;
  /** Decides a failure that Workday reported. @throws DomainError 409 where none is open, 403 for the maker of the payment */
  decideFailure(command: Command, id: string, outcome: 'confirm' | 'dismiss', reason: string): Promise<Payment>;
  /** Records what Workday said, and carries it out where `decide` says so; undefined leaves the payment as it is. */
  recordWorkday(command: Command, id: string, decide: DecideWorkday): Promise<Payment>;
  /** The payment with this end-to-end id, strongly consistent. */
  byReference(reference: string): Promise<Payment | undefined>;
  /** What an answer of the bank makes of a payment and all that moves with it, for a decision that its caller commits. */
  answer(command: Command, payment: Payment, action: AnswerAction, body: PaymentBody): Promise<Decision<Payment>>;
  /** People who made payments to this vendor that may still move money. */
  openPaymentMakers(vendorId: string): Promise<ReadonlySet<string>>;
}

export function createPaymentService(deps: PaymentServiceDeps): PaymentService {
  const { repository, unitOfWork } = deps;
  const { payments } = repository;
  return {
    get: (id) => payments.require(id),
    list: (query, page) => repository.list(query, page),
    create: (command, body) => unitOfWork.run(command, () => decideNew(deps, command, body)),
    act: (command, id, action, body) =>
      unitOfWork.run(command, async () => {
        const before = await payments.require(id);
        requireVersion(command, 'payment', before.version);
        return decideAct(deps, command, { before, noted: before, action, body });
      }),
    reveal: (command, id, reason) =>
      unitOfWork.run(command, async () => {
        const before = await payments.require(id);
        requireVersion(command, 'payment', before.version);
        const { entity, writes } = payments.update(command, before, before, { action: 'revealed', reason });
        return { result: entity, writes };
      }),
    decideFailure: (command, id, outcome, reason) =>
      unitOfWork.run(command, async () => {
        const before = await payments.require(id);
        requireVersion(command, 'payment', before.version);
        const facts = { actorId: command.actor.id, now: command.now, reason };
        if (outcome === 'confirm') {
          requireReport(before);
          return decideAct(deps, command, { before, noted: before, action: 'fail', body: { reason } });
        }
        const event = { action: 'failure_dismissed', reason };
        const { entity, writes } = payments.update(command, before, dismissFailure(before, facts), event);
        return { result: entity, writes };
      }),
    recordWorkday: (command, id, decide) =>
      unitOfWork.run(command, async () => decideWorkday(deps, command, await payments.require(id), decide)),
    byReference: (reference) => repository.byReference(reference),
    answer: (command, before, action, body) => decideAct(deps, command, { before, noted: before, action, body }),
    openPaymentMakers: (vendorId) => repository.openMakers(vendorId),
  };
}

async function decideWorkday(
  deps: PaymentServiceDeps,
  command: Command,
  before: Payment,
  decide: DecideWorkday,
): Promise<Decision<Payment>> {
  const record = await decide(before, false);
  if (record?.action === undefined) return recorded(deps, command, before, record);
  const { action, body, changes } = record;
  try {
    return await decideAct(deps, command, { before, noted: { ...before, ...changes }, action, body });
  } catch (error) {
    if (!(error instanceof DomainError) || !REFUSALS.includes(error.kind)) throw error;
    // A refusal that only a parallel command made is none: it is decided again.
    if (await deps.unitOfWork.readsMoved()) throw error;
    return recorded(deps, command, before, await decide(before, true));
  }
}

/** What the state of the payment, its batch or its invoice does not allow. */
const REFUSALS: readonly ErrorKind[] = ['conflict', 'rule', 'forbidden'];

function recorded(
  deps: PaymentServiceDeps,
  command: Command,
  before: Payment,
  record: WorkdayRecord | undefined,
): Decision<Payment> {
  if (record === undefined) return { result: before, writes: [] };
  const event = { action: 'workday_recorded', reason: record.body.reason };
  const { entity, writes } = deps.repository.payments.update(command, before, { ...before, ...record.changes }, event);
  return { result: entity, writes };
}

interface Act {
  readonly before: Payment;
  /** The payment with what is recorded beside the decision. */
  readonly noted: Payment;
  readonly action: PaymentAction;
  readonly body: PaymentBody;
}

async function decideAct(
  deps: PaymentServiceDeps,
  command: Command,
  { before, noted, action, body }: Act,
): Promise<Decision<Payment>> {
  const facts = { ...body, actorId: command.actor.id, now: command.now };
  const { payment, effect } = decidePayment(noted, action, facts);
  const { entity, writes } = deps.repository.payments.update(command, before, payment, { action, reason: body.reason });
  const [guards, member, invoice] = await Promise.all([
    guardsOf(deps, command, before, action),
    before.batch_id === null ? [] : deps.batches.memberWrites(command, before, { action, after: entity }),
    effect === undefined ? undefined : deps.invoices.requireForDecision(before.invoice_id),
  ]);
  const moved = effect === undefined ? [] : await invoiceWrites(deps.invoices, command, before, effect, invoice);
  return { result: entity, writes: [...writes, ...guards, ...member, ...moved] };
}

async function decideNew(deps: PaymentServiceDeps, command: Command, body: CreatePayment): Promise<Decision<Payment>> {
  const [invoice, today] = await Promise.all([
    requireNamed(deps.invoices.requireForDecision(body.invoice_id), 'payment.unknown-invoice', '/invoice_id'),
    deps.today(command.now),
  ]);
  const payee = await loadPayee(deps.vendors, invoice.vendor_id);
  const { currency } = invoice;
  const account = requirePayee(payee, invoice, command.now, (creditor) =>
    deps.noFormat({ payment_amount: '1', currency, reference_number: 'PROBE', creditor }),
  );
  const payment_date = body.payment_date ?? today;
  requirePaymentDay(payment_date, today);
  const pay = paymentFor(invoice, payment_date, body.payment_amount);
  const reserved = reservePayment(invoice, pay);
  const id = command.ids.next('payment');
  const draft = newPayment({
    id,
    created_by: command.actor.id,
    invoice,
    account,
    creditor: frozen(account, payee.vendor),
    netted_credits: nettedCredits(invoice, pay),
    payment_amount: amount(pay.payment_amount, invoice.currency),
    discount_taken: pay.discount_taken,
    payment_date,
    reference_number: body.reference_number ?? ownReference(id),
    notes: body.notes,
  });
  const tooMuch = deps.noFormat(draft);
  if (tooMuch !== undefined) refuseObstacles([tooMuch]);
  const { entity, writes } = deps.repository.payments.create(command, draft);
  const moved = deps.invoices.updateWrites(command, invoice, reserved, { action: 'payment_reserved' });
  const claim = body.reference_number === undefined ? [] : [chosenReference(deps.repository, entity)];
  return {
    result: entity,
    writes: [...writes, ...moved.writes, ...claim, ...payeeChecks(payee.vendor.id, account.id)],
  };
}

/** `pay_` and a UUID are longer than the 35 characters a bank carries; the same without its separators are just as many. */
export const ownReference = (id: string): string => id.replace(/[_-]/g, '').toUpperCase();

function chosenReference(repository: PaymentRepository, payment: Payment): PendingWrite {
  if (isOwnReference(payment.reference_number))
    throw ruleError('payment.reference-reserved', 'References of that form are made by the server. Choose another.', [
      { pointer: '/reference_number', detail: 'has the form of a reference the server makes' },
    ]);
  return repository.referenceWrite(payment);
}

/** Unique by itself: no claim keeps it so. */
export const isOwnReference = (reference: string): boolean => /^PAY[0-9A-F]{32}$/i.test(reference);

/** What must still hold when the decision is committed. */
async function guardsOf(
  deps: PaymentServiceDeps,
  command: Command,
  payment: Payment,
  action: PaymentAction,
): Promise<readonly PendingWrite[]> {
  if (isAnswer(action) && payment.batch_id === null)
    throw conflictError('payment.file-not-with-bank', 'The payment is in no file, so the bank cannot have answered.');
  if (action !== 'approve') return [];
  const { approval_limit } = await deps.withRate(command.actor, payment.currency, command.now);
  requireWithinLimit('payment', approval_limit, payment.payment_amount, payment.currency);
  const { bank_account_id } = payment.creditor;
  const [invoice, payee] = await Promise.all([
    deps.invoices.requireForDecision(payment.invoice_id),
    loadPayee(deps.vendors, payment.vendor_id, bank_account_id),
  ]);
  requirePayee(payee, invoice, command.now);
  return [...payeeChecks(payment.vendor_id, bank_account_id), invoiceCheck(invoice)];
}

function requirePaymentDay(day: string, today: string): void {
  if (day < today) throw past('/payment_date', day, today);
  refuseIfAny(
    'payment.date-too-late',
    `${day} is more than a year away; give an earlier day.`,
    outsideWindow(paymentWindow(today), { '/payment_date': day }),
  );
}

const past = (pointer: string, day: string, today: string) =>
  ruleError('payment.date-past', `${day} is past; give ${today} or later.`, [
    { pointer, detail: `is before ${today}` },
  ]);

const EFFECTS: Readonly<Record<InvoiceEffect, (invoice: Invoice, payment: Payment) => Draft<Invoice>>> = {
  release: releasePayment,
  settle: settlePayment,
  reopen: reopenPayment,
  reserve: reinstatePayment,
  resettle: resettlePayment,
  unsettle: unsettlePayment,
};
const EVENTS: Readonly<Record<InvoiceEffect, string>> = {
  release: 'payment_released',
  settle: 'payment_settled',
  reopen: 'payment_reopened',
  reserve: 'payment_reserved',
  resettle: 'payment_settled',
  unsettle: 'payment_unsettled',
};

/** What the decision moves on the invoice, in the same transaction. */
export const invoiceSaved = (
  invoices: InvoiceService,
  command: Command,
  payment: Payment,
  effect: InvoiceEffect,
  invoice: Invoice,
): Saved<Invoice> =>
  invoices.updateWrites(command, invoice, EFFECTS[effect](invoice, payment), { action: EVENTS[effect] });

async function invoiceWrites(
  invoices: InvoiceService,
  command: Command,
  payment: Payment,
  effect: InvoiceEffect,
  known?: Invoice,
): Promise<readonly PendingWrite[]> {
  const invoice = known ?? (await invoices.requireForDecision(payment.invoice_id));
  return invoiceSaved(invoices, command, payment, effect, invoice).writes;
}
