/** What a batch may become, and who may decide it. Its header alone is the authority over its members. Pure. */
import { barredFrom, remembered, withKeyMakers } from '../../shared/decisions/history.ts';
import { requireStatus } from '../../shared/decisions/status.ts';
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import { conflictError, DomainError, ruleError } from '../../shared/errors.ts';
import { amount, type Decimal, subtract } from '../../shared/money.ts';
import type {
  Answers,
  Batch,
  BatchFile,
  BatchStatus,
  CancelBatch,
  Cancellation,
  Fixed,
  Pinned,
  SendBatch,
} from './payment-batch.schema.ts';
import { nothing } from './run.ts';

type BatchAction = 'submit' | 'recall' | 'approve' | 'reject' | 'generate' | 'send';

/** docs/contract.md#resources: building -> draft -> pending_approval -> approved -> generating -> generated -> sent. A generating one is taken up again. */
const FROM: Readonly<Record<BatchAction, readonly BatchStatus[]>> = {
  submit: ['draft'],
  recall: ['pending_approval', 'approved'],
  approve: ['pending_approval'],
  reject: ['pending_approval'],
  generate: ['approved', 'generating'],
  send: ['generated', 'partially_accepted', 'completed'],
};

/** Members may leave; no file names them yet. */
export const BEFORE_FILE: readonly BatchStatus[] = ['draft', 'pending_approval', 'approved'];
/** A file exists that the bank may have. */
export const WITH_FILE: readonly BatchStatus[] = ['generated', 'sent', 'partially_accepted', 'completed'];

export interface NewBatch {
  readonly id: string;
  readonly created_by: string;
  readonly debtor_account_id: string;
  readonly execution_date: string;
  readonly currency: string;
  readonly creditor_address: NonNullable<Batch['creditor_address']>;
  readonly due_on_or_before?: string | undefined;
  readonly minimum_amount?: Decimal | undefined;
}

export function newBatch(input: NewBatch): Draft<Batch> {
  const { currency, due_on_or_before = null, minimum_amount } = input;
  return {
    id: input.id,
    status: 'building',
    debtor_account_id: input.debtor_account_id,
    execution_date: input.execution_date,
    method: 'bank_transfer',
    currency,
    count: 0,
    control_sum: amount('0', currency),
    message_id: null,
    first_downloaded_at: null,
    due_on_or_before,
    minimum_amount: minimum_amount === undefined ? null : amount(minimum_amount, currency),
    profile_version: null,
    creditor_address: input.creditor_address,
    pinned: null,
    history: [],
    notices: [],
    files: [],
    submitted_by: null,
    approved_by: null,
    generated_by: null,
    sent: null,
    cancellation: null,
    barred_approvers: [],
    answers: { accepted: 0, settled: 0, failed: 0, returned: 0 },
    fixed: null,
    created_by: input.created_by,
  };
}

/**
 * docs/rules.md#who: not its maker, nor an approver of an invoice whose payment the batch made, nor who proposed the account of one; nor who
 * ever submitted it, since that pins what the file is made of.
 */
export const mayApproveBatch = (batch: Draft<Batch>, userId: string): boolean =>
  !barredFrom('approve_batch', batch).has(userId);

/** @throws DomainError 409, and 422 where it has no member */
export function submittedBatch(batch: Batch, actorId: string, pinned: Pinned): Draft<Batch> {
  requireStatus('payment_batch', batch.status, { action: 'submit', from: FROM['submit'] });
  if (batch.count === 0)
    throw ruleError('payment_batch.empty', 'The batch has no payment: see what it skipped and why, and make another.');
  const history = remembered(batch, { by: actorId, act: 'submitted' });
  return { ...batch, status: 'pending_approval', submitted_by: actorId, pinned, history };
}

/** Not approved any more, and not submitted: it is submitted again with what stands then. */
export function recalledBatch(batch: Batch): Draft<Batch> {
  requireStatus('payment_batch', batch.status, { action: 'recall', from: FROM['recall'] });
  return { ...batch, status: 'draft', submitted_by: null, approved_by: null, pinned: null, history: remembered(batch) };
}

/** @param beyondLimit who may approve it but for their approval limit */
export function noEligibleApprover(
  { control_sum, currency }: Pick<Batch, 'control_sum' | 'currency'>,
  beyondLimit: readonly string[],
): DomainError {
  const code = 'payment_batch.no-eligible-approver';
  if (beyondLimit.length === 0)
    return ruleError(
      code,
      'Nobody could approve this batch if you submit it: every active treasurer made or submitted it, approved an invoice that it pays, or proposed an account that it pays to.',
    );
  return ruleError(
    code,
    `Nobody could approve this batch: ${control_sum} ${currency} is beyond the approval limit of every treasurer who may approve it. An administrator raises a limit, or smaller batches are made.`,
    beyondLimit.slice(0, MOST_NAMED).map((id) => ({
      pointer: '/control_sum',
      detail: `is beyond the approval limit of ${id}`,
      rule: 'approval_limit',
    })),
  );
}

const MOST_NAMED = 20;

/** @throws DomainError 403 for whoever had a hand in it */
export function approvedBatch(batch: Batch, actorId: string): Draft<Batch> {
  requireStatus('payment_batch', batch.status, { action: 'approve', from: FROM['approve'] });
  if (!mayApproveBatch(batch, actorId))
    throw segregation(
      batch.created_by === actorId
        ? 'You made this batch; another treasurer approves it.'
        : 'You submitted this batch, approved an invoice that it pays, or proposed an account that it pays to; another treasurer approves it.',
    );
  return { ...batch, status: 'approved', approved_by: actorId };
}

export function rejectedBatch(batch: Batch): Draft<Batch> {
  requireStatus('payment_batch', batch.status, { action: 'reject', from: FROM['reject'] });
  return { ...batch, status: 'rejected', ...nothing(batch.currency) };
}

/** Fixes everything that the file is rendered from. A batch that is being generated already is taken up as it is. */
export function generatingBatch(
  batch: Batch,
  actorId: string,
  file: Pick<Batch, 'profile_version' | 'creditor_address'> & { readonly message_id: string; readonly fixed: Fixed },
): Draft<Batch> {
  requireStatus('payment_batch', batch.status, { action: 'generate', from: FROM['generate'] });
  return { ...batch, ...file, status: 'generating', generated_by: actorId };
}

export const requireGeneratable = (batch: Batch): void =>
  requireStatus('payment_batch', batch.status, { action: 'generate', from: FROM['generate'] });

export interface Generated {
  readonly files: readonly BatchFile[];
  readonly count: number;
  readonly control_sum: Decimal;
}

/** Where every member was dropped there is nothing to send, and the batch is over. */
export function generatedBatch(batch: Batch, { files, count, control_sum }: Generated): Draft<Batch> {
  return { ...batch, status: count === 0 ? 'cancelled' : 'generated', files: [...files], count, control_sum };
}

/**
 * Recorded also after the bank answered on a member: then the bank had the file. What failed or was returned before it keeps the file here.
 */
export function sentBatch(batch: Batch, body: SendBatch, actorId: string, now: Date): Draft<Batch> {
  requireStatus('payment_batch', batch.status, { action: 'send', from: FROM['send'] });
  if (batch.sent !== null)
    throw conflictError('payment_batch.sent-already', `The batch was sent at ${batch.sent.sent_at}; that stands.`);
  const { channel, bank_reference = null } = body;
  const sent = {
    channel,
    bank_reference,
    sent_by: actorId,
    sent_at: now.toISOString(),
    failed_before: batch.answers.failed + batch.answers.returned,
  };
  return { ...batch, sent, cancellation: undone(batch, 'send', now), status: answeredStatus({ ...batch, sent }) };
}

/**
 * Before a file exists one person cancels. Once it does, they state that the bank never got it; once it was downloaded a second person
 * must state the same, of a file that nobody downloaded in between. After it was sent, or the bank answered, a batch is never cancelled.
 */
export function cancelledBatch(batch: Batch, body: CancelBatch, actorId: string, now: Date): Draft<Batch> {
  const cancelling = { ...batch, status: 'cancelling' as const };
  if (['building', 'generating', ...BEFORE_FILE].includes(batch.status)) return cancelling;
  const answered = Object.values(batch.answers).some((count) => count > 0);
  if (batch.status !== 'generated' || answered)
    throw conflictError(
      'payment_batch.wrong-status',
      answered
        ? 'The bank has answered on payments of this batch; it is not cancelled any more.'
        : `A batch that is ${batch.status} is not cancelled.`,
    );
  if (body.not_transmitted !== true)
    throw ruleError('payment_batch.file-exists', 'A file exists. State that the bank never got it.', [
      { pointer: '/not_transmitted', detail: 'must be true' },
    ]);
  if (batch.first_downloaded_at === null) return cancelling;
  if (batch.cancellation === null || wasUndone(batch.cancellation))
    return {
      ...batch,
      cancellation: { requested_by: actorId, requested_at: now.toISOString(), reason: body.reason },
      previous_cancellation: batch.cancellation,
    };
  if (withKeyMakers(batch, [batch.cancellation.requested_by]).includes(actorId))
    throw segregation('You asked for this cancellation; another treasurer confirms it.');
  return cancelling;
}

/**
 * A file with a member that failed or was returned before the file was sent is not handed out any more: the invoice may be paid by another
 * file. @throws DomainError 409 where there is no file to download
 */
export function downloadedBatch(batch: Batch, now: Date): Draft<Batch> {
  if (!WITH_FILE.includes(batch.status))
    throw conflictError('payment_batch.no-file', `A batch that is ${batch.status} has no file.`);
  const { failed, returned } = batch.answers;
  const withheld = batch.sent === null ? failed + returned : (batch.sent.failed_before ?? 0);
  if (withheld > 0)
    throw conflictError(
      'payment_batch.file-withheld',
      `The bank refused or returned ${withheld} of its payments before the file was sent, and their invoices may be paid by another file. Put the payments that the bank did not make into a new batch; if the bank did make them, correct their answers.`,
    );
  return {
    ...batch,
    first_downloaded_at: batch.first_downloaded_at ?? now.toISOString(),
    cancellation: undone(batch, 'download', now),
  };
}

/** A member that is cancelled alone leaves its batch. */
export function withoutMember(batch: Batch, payment: { readonly payment_amount: Decimal }): Draft<Batch> {
  return {
    ...batch,
    count: batch.count - 1,
    control_sum: amount(subtract(batch.control_sum, payment.payment_amount), batch.currency),
  };
}

const wasUndone = ({ undone_at = null }: Cancellation): boolean => undone_at !== null;

/** Who stated that the bank never got the file stated it of a file that nobody touched since: now it is to be stated anew. */
function undone(batch: Batch, undone_by: 'download' | 'send' | 'answer', now: Date): Batch['cancellation'] {
  const { cancellation } = batch;
  if (cancellation === null || wasUndone(cancellation)) return cancellation;
  return { ...cancellation, undone_by, undone_at: now.toISOString() };
}

/** When the bank can first have had the file: at its first download, or when it was sent. */
export function leftAt({ first_downloaded_at, sent }: Pick<Batch, 'first_downloaded_at' | 'sent'>): string | undefined {
  return [first_downloaded_at, sent?.sent_at ?? null].filter((at) => at !== null).sort()[0];
}

/** The header follows what the bank said of its members. */
export function answeredBatch(batch: Batch, before: string, after: string, now: Date): Draft<Batch> {
  const answers = { ...batch.answers };
  if (isAnswer(before, answers)) answers[before] -= 1;
  if (isAnswer(after, answers)) answers[after] += 1;
  return {
    ...batch,
    answers,
    cancellation: undone(batch, 'answer', now),
    status: answeredStatus({ ...batch, answers }),
  };
}

const isAnswer = (status: string, answers: Answers): status is keyof Answers => status in answers;

function answeredStatus({ answers: { settled, failed, returned }, count, sent }: Draft<Batch>): BatchStatus {
  if (settled + failed + returned === count) return 'completed';
  if (failed + returned > 0) return 'partially_accepted';
  return sent === null ? 'generated' : 'sent';
}

const segregation = (detail: string): DomainError =>
  new DomainError('forbidden', 'payment_batch.segregation-of-duties', detail);
