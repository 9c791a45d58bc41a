/** Carries out what a file of the bank asks, a line at a time: the payment, its batch, its invoice and the line in one transaction. */
import { type Command, idSource } from '../../shared/command.ts';
import type { UnitOfWork } from '../../shared/dynamo/unit-of-work.ts';
import { DomainError } from '../../shared/errors.ts';
import type { Payment, PaymentBody, PaymentService } from '../payments/index.ts';
import type { BankMessageRepository } from './bank-message.repository.ts';
import type { BankMessage, BankMessageLine } from './bank-message.schema.ts';
import { batchesNamedBy, decideLine, namesOf } from './domain/decide-line.ts';
import { decideNacha, namesOfAnswer } from './domain/decide-nacha.ts';
import { decideStatus } from './domain/decide-status.ts';
import type { Verdict } from './domain/verdict.ts';
import type { Work } from './domain/work.ts';
import {
  ANSWER_KNOWN,
  bankReference,
  decidedLine,
  knownLine,
  LINE_DECIDED,
  lineText,
  refusedLine,
} from './line-view.ts';
import type { Lookups } from './lookups.ts';

export interface ProcessingDeps {
  readonly repository: BankMessageRepository;
  readonly unitOfWork: UnitOfWork;
  readonly payments: Pick<PaymentService, 'get' | 'answer'>;
}

/** A line with what is to be written: a verdict that is applied writes its own. */
interface Decided {
  readonly line: BankMessageLine;
  readonly written: boolean;
}

type Apply = Extract<Verdict, { outcome: 'apply' }>;

export function createProcessing(deps: ProcessingDeps, lookups: Lookups, command: Command, message: BankMessage) {
  const { repository, unitOfWork } = deps;
  /** Each transaction is a decision of its own: none is the reply that the caller's key keeps. */
  const own = (): Command => ({
    ...command,
    ids: idSource(),
    idempotency: undefined,
    render: undefined,
    ifMatch: undefined,
  });
  const isRefusal = (error: unknown): error is DomainError =>
    error instanceof DomainError && ['conflict', 'rule', 'forbidden'].includes(error.kind);

  /** @throws DomainError where the payment does not take it, or the bank said it before */
  async function apply(verdict: Apply, account: string | null, line?: BankMessageLine): Promise<void> {
    const { payment_id, action, booked_on = null, bank_reference: reference = null, reason_code, reason } = verdict;
    const body: PaymentBody = {
      ...(action === 'settle'
        ? { booked_on: booked_on ?? undefined, bank_reference: bankReference(reference) ?? undefined }
        : {}),
      ...(action === 'fail' || action === 'return' ? { reason_code } : {}),
      reason: reason?.slice(0, 500),
    };
    const key = { account, reference: reference ?? `${message.message_id} ${booked_on}`, action, payment_id };
    const run = own();
    await unitOfWork.run(run, async () => {
      const before = await deps.payments.get(payment_id);
      const { result, writes } = await deps.payments.answer(run, before, action, body);
      const beside = line === undefined ? [] : [repository.lineWrite(message.id, line)];
      return {
        result,
        writes: [...writes, ...beside, repository.answerWrite(key, message.id)],
        reply: 'none' as const,
      };
    });
  }

  async function applyOne(verdict: Apply, account: string | null, line: BankMessageLine): Promise<Decided> {
    try {
      await apply(verdict, account, line);
      return { line, written: true };
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if (error.code === LINE_DECIDED) return { line, written: true };
      return { line: error.code === ANSWER_KNOWN ? knownLine(line) : refusedLine(line, error), written: false };
    }
  }

  /** Several payments under one line. What was applied before it stopped is known when it goes on, so it is counted by what stands. */
  async function applyMany(
    verdicts: AsyncIterable<Verdict>,
    account: string | null,
    line: BankMessageLine,
  ): Promise<Decided> {
    let [payments, told]: [number, BankMessageLine | undefined] = [0, undefined];
    for await (const verdict of verdicts) {
      if (verdict.outcome !== 'apply') {
        const other = decidedLine(line, verdict);
        if (verdict.code === 'known') payments += 1;
        else if (other.outcome !== 'ignored') told ??= other;
        continue;
      }
      try {
        await apply(verdict, account);
        payments += 1;
      } catch (error) {
        if (!isRefusal(error)) throw error;
        if (error.code === ANSWER_KNOWN) payments += 1;
        else told ??= refusedLine({ ...line, payment_id: verdict.payment_id }, error);
      }
    }
    return { line: { ...(told ?? line), batch_id: line.batch_id, payments }, written: false };
  }

  async function decideEntry(
    number: number,
    { account, line }: Extract<Work, { kind: 'entry' }>,
    text: Work,
  ): Promise<Decided> {
    const named = await lookups.named(namesOf(line));
    const batch = named.size > 0 || line.detail > 0 ? undefined : await lookups.batch(batchesNamedBy(line));
    const knownBatch = batch === undefined ? undefined : await lookups.knownBatch(batch);
    const unnamed = named.size === 0 && batch === undefined && line.money !== null && mayBeOurs(line);
    const alike = unnamed && line.money !== null ? await lookups.alike(line.money) : [];
    const verdict = decideLine(line, { account, named, batch: knownBatch, alike });
    const decided = decidedLine(lineText(number, text), verdict);
    if (verdict.outcome === 'apply') return applyOne(verdict, account, decided);
    if (verdict.outcome !== 'apply_batch') return { line: decided, written: false };
    const { batch_id, booked_on, bank_reference } = verdict;
    const settle = (payment: Payment): Verdict =>
      payment.status === 'batched' || payment.status === 'accepted'
        ? { outcome: 'apply', action: 'settle', payment_id: payment.id, code: 'booked', booked_on, bank_reference }
        : { outcome: 'ignored', code: 'pending' };
    return applyMany(
      mapped(lookups.members(batch_id), async (one) => settle(one)),
      account,
      decided,
    );
  }

  async function decideOne(number: number, work: Work): Promise<Decided> {
    const text = lineText(number, work);
    switch (work.kind) {
      case 'entry':
        return decideEntry(number, work, work);
      case 'status': {
        const { group, block, transaction } = work;
        const { original_end_to_end_id, original_instruction_id, original_uetr } = transaction;
        const names = [original_end_to_end_id, original_instruction_id, original_uetr].filter((name) => name !== null);
        const [payment] = [...(await lookups.named(names)).values()];
        const batch = await lookups.batch(messageIdsOf(work));
        const verdict: Verdict =
          payment === undefined
            ? { outcome: 'listed', code: 'unknown_payment' }
            : decideStatus(payment, { group, block, transaction, batch_id: batch?.id });
        const line = decidedLine(text, verdict);
        return verdict.outcome === 'apply' ? applyOne(verdict, null, line) : { line, written: false };
      }
      case 'whole':
        return decideWhole(work, number);
      case 'nacha': {
        const [payment] = [...(await lookups.named(namesOfAnswer(work.answer))).values()];
        const verdict = decideNacha(work.answer, payment);
        const line = decidedLine(text, verdict);
        return verdict.outcome === 'apply' ? applyOne(verdict, null, line) : { line, written: false };
      }
    }
  }

  async function decideWhole(work: Extract<Work, { kind: 'whole' }>, number: number): Promise<Decided> {
    const batch = await lookups.batch(messageIdsOf(work));
    const text = lineText(number, work);
    if (batch === undefined)
      return { line: decidedLine(text, { outcome: 'listed', code: 'unknown_message' }), written: false };
    const { group, block } = work;
    const named = new Set(work.named.map((name) => name.toUpperCase()));
    let sample: Verdict = { outcome: 'ignored', code: 'pending' };
    const verdicts = mapped(lookups.members(batch.id), async (payment): Promise<Verdict> => {
      if (named.has(payment.reference_number.toUpperCase())) return { outcome: 'ignored', code: 'pending' };
      const verdict = decideStatus(await lookups.known(payment), { group, block, batch_id: batch.id });
      sample = verdict;
      return verdict;
    });
    const { line } = await applyMany(verdicts, null, decidedLine(text, { outcome: 'ignored', code: 'pending' }));
    const applied = decidedLine(text, sample);
    const told = line.outcome === 'ignored' ? { ...applied, payments: line.payments } : line;
    return { line: { ...told, payment_id: null, batch_id: batch.id, payments: line.payments }, written: false };
  }

  return {
    decide: decideOne,
    /** Writes what was decided without an answer to a payment. */
    async write(lines: readonly BankMessageLine[]): Promise<void> {
      for (const line of lines) {
        try {
          const writes = [repository.lineWrite(message.id, line)];
          await unitOfWork.run(own(), async () => ({ result: undefined, writes, reply: 'none' as const }));
        } catch (error) {
          if (!(error instanceof DomainError) || error.code !== LINE_DECIDED) throw error;
        }
      }
    },
  };
}

/** A debit, or a return that names nothing, may be a payment of ours. */
const mayBeOurs = ({ direction, return_reason }: Extract<Work, { kind: 'entry' }>['line']): boolean =>
  direction === 'debit' || return_reason !== null;

const messageIdsOf = ({ group, block }: Extract<Work, { kind: 'status' | 'whole' }>): readonly string[] =>
  [group.original_message_id, block?.original_payment_information_id ?? null].filter((id) => id !== null);

async function* mapped(
  payments: AsyncIterable<Payment>,
  verdict: (payment: Payment) => Promise<Verdict>,
): AsyncGenerator<Verdict> {
  for await (const payment of payments) yield await verdict(payment);
}
