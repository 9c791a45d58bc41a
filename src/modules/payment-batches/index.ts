/** Payment batches, as other modules see them. */
import type { FastifyPluginAsync } from 'fastify';
import { PaymentPage, PaymentSummary } from '../payments/index.ts';
import { batchRoutes } from './payment-batch.routes.ts';
import {
  BatchPage,
  BatchReply,
  BatchSummary,
  CancelBatch,
  CreateBatch,
  SendBatch,
  Skip,
  SkipPage,
} from './payment-batch.schema.ts';
import type { BatchService } from './payment-batch.service.ts';

export {
  type PaymentRecord,
  type PaymentRecordFacts,
  paymentRecord,
  renderPaymentRecordXml,
} from './formats/index.ts';
export { left, noFormat } from './member.ts';
export { createMemberGate } from './member-gate.ts';
export { createMembers } from './members.ts';
export { type BatchRepository, createBatchRepository } from './payment-batch.repository.ts';
export type { Batch, BatchFile, BatchSummary } from './payment-batch.schema.ts';
export { type BatchService, createBatchService, type DownloadedFile } from './payment-batch.service.ts';
export { leftAt, mayApproveBatch, WITH_FILE } from './payment-batch.ts';
export { pinnedFrom, pinStands } from './pinned.ts';
export { createRunner } from './runner.ts';
export { type BatchView, createBatchViews } from './view.ts';

/** Every schema that its routes name; a scope of Fastify's knows its own only. */
const SCHEMAS = [
  PaymentSummary,
  PaymentPage,
  Skip,
  SkipPage,
  BatchReply,
  BatchSummary,
  BatchPage,
  CreateBatch,
  SendBatch,
  CancelBatch,
];

/** A run whose task ended is taken up by another within this time and the lease. */
const RESUME_EVERY_MS = 60_000;

export interface BatchModuleOptions {
  readonly paymentBatches: BatchService;
}

export const paymentBatchesModule: FastifyPluginAsync<BatchModuleOptions> = async (app, options) => {
  const { paymentBatches } = options;
  for (const schema of SCHEMAS) app.addSchema(schema);
  await app.register(batchRoutes, options);

  paymentBatches.onFailure((err, batch_id) =>
    app.log.error({ err, batch_id }, 'a payment run stopped and will be taken up again'),
  );
  const resume = (): void => {
    paymentBatches
      .resumeBatches()
      .catch((err: unknown) => app.log.error({ err }, 'payment runs could not be looked for'));
  };
  let timer: NodeJS.Timeout | undefined;
  app.addHook('onListen', async () => {
    resume();
    timer = setInterval(resume, RESUME_EVERY_MS).unref();
  });
  app.addHook('onClose', async () => {
    clearInterval(timer);
    await paymentBatches.stop();
  });
};
