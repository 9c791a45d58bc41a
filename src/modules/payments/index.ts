/** Payments, as other modules see them. */
import type { FastifyPluginAsync } from 'fastify';
import { paymentRoutes } from './payment.routes.ts';
import {
  BankReason,
  CreatePayment,
  PaymentPage,
  PaymentReply,
  PaymentSummary,
  SettlePayment,
} from './payment.schema.ts';
import type { PaymentService } from './payment.service.ts';

export { countedStatus, lastAnswer } from './bank-answer.ts';
export { lapses, paymentFor } from './discount.ts';
export { nettedCredits } from './netted-credits.ts';
export { frozen, loadPayee, type Payee, payeeChecks } from './parties.ts';
export { accountObstacle, OBSTACLE_CODES, type Obstacle, type ObstacleCode, obstacles } from './payable.ts';
export { createPaymentRepository, type PaymentRepository, summaryOf } from './payment.repository.ts';
export { maskedPayment } from './payment.routes.ts';
export {
  type Creditor,
  type IntegrationStatus,
  type Payment,
  PaymentPage,
  PaymentSummary,
  type ReportedFailure,
  WORKDAY_STATUSES,
  type WorkdayCallback,
  type WorkdayStatus,
} from './payment.schema.ts';
export {
  type AnswerAction,
  createPaymentService,
  type DecideWorkday,
  invoiceSaved,
  isOwnReference,
  type MemberAct,
  type MemberGate,
  type NoFormat,
  ownReference,
  type PaymentBody,
  type PaymentService,
  type WorkdayRecord,
} from './payment.service.ts';
export { mayDecide, newPayment, OPEN_STATUSES, ownDate, type PaymentAction, takes } from './payment.ts';
export { openReport } from './reported-failure.ts';

/** Every schema that has a name in the OpenAPI document. */
const SCHEMAS = [PaymentReply, PaymentSummary, PaymentPage, CreatePayment, SettlePayment, BankReason];

export const paymentsModule: FastifyPluginAsync<{ readonly payments: PaymentService }> = async (app, options) => {
  for (const schema of SCHEMAS) app.addSchema(schema);
  await app.register(paymentRoutes, options);
};
