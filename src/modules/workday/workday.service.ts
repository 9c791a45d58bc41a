/** What Workday reports of a payment, and what it may ask. */
import type { Actor, Command } from '../../shared/command.ts';
import type { Payment, PaymentService } from '../payments/index.ts';
import { decideCallback } from './callback.ts';
import type { WorkdayCallbackBody, WorkdayStatusReply } from './workday.schema.ts';

export interface WorkdayServiceDeps {
  readonly payments: Pick<PaymentService, 'get' | 'recordWorkday'>;
  readonly batches: WorkdayBatches;
  /** The company's calendar day. */
  readonly today: (now: Date) => Promise<string>;
}

/** What is asked of the batch that a payment went out with. */
export interface WorkdayBatches {
  answers(batchId: string): Promise<WorkdayAnswers>;
  /** Formats of the files it has in storage. */
  formats(batchId: string): Promise<readonly string[]>;
}

export interface WorkdayAnswers {
  /** The file was downloaded or sent. */
  readonly withBank: boolean;
  /** The batch's debtor account takes Workday's word for a settlement. */
  readonly settledByWorkday: boolean;
}

export interface WorkdayService {
  receive(command: Command, body: WorkdayCallbackBody): Promise<WorkdayStatusReply>;
  status(paymentId: string): Promise<WorkdayStatusReply>;
}

/** Who a callback's acts are those of: its signature is its sign-in. */
export const WORKDAY: Actor = { id: 'workday', roles: [], permissions: new Set() };

const NO_BATCH: WorkdayAnswers = { withBank: false, settledByWorkday: false };

export function createWorkdayService({ payments, batches, today }: WorkdayServiceDeps): WorkdayService {
  const statusOf = async (payment: Payment): Promise<WorkdayStatusReply> => {
    const formats = payment.batch_id === null ? [] : await batches.formats(payment.batch_id);
    return {
      payment_id: payment.id,
      current_status: payment.status,
      workday_callback_received: payment.workday_callbacks.length > 0,
      xml_file_available: formats.includes('xml'),
      json_file_available: formats.includes('json'),
      integration_status: payment.integration_status,
    };
  };
  return {
    async receive(command, { payment_id, status, message }) {
      const facts = { status, message, now: command.now, today: await today(command.now) };
      const payment = await payments.recordWorkday(command, payment_id, async (before, refused) => {
        const { batch_id } = before;
        const { withBank, settledByWorkday } = batch_id === null ? NO_BATCH : await batches.answers(batch_id);
        return decideCallback(before, { ...facts, settledByWorkday, refused: refused || !withBank });
      });
      return statusOf(payment);
    },
    status: async (paymentId) => statusOf(await payments.get(paymentId)),
  };
}
