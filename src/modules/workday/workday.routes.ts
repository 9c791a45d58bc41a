/** /workday: the signed callback, which needs no sign-in, and the state of a payment. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { DomainError } from '../../shared/errors.ts';
import { carryOut } from '../../shared/http/carry-out.ts';
import { CREATE_PROBLEMS, Id, READ_PROBLEMS, ref, Strict } from '../../shared/http/schemas.ts';
import { isSigned } from './signature.ts';
import { SignatureHeaders, WorkdayCallbackBody, WorkdayStatusReply } from './workday.schema.ts';
import { WORKDAY, type WorkdayService } from './workday.service.ts';

export interface WorkdayRoutesOptions {
  readonly workday: WorkdayService;
  readonly webhookSecret: string | undefined;
}

const tags = ['workday'];

export const workdayRoutes: FastifyPluginAsyncTypebox<WorkdayRoutesOptions> = async (
  app,
  { workday, webhookSecret },
) => {
  app.post(
    '/workday/callback',
    {
      // The same callback again is without effect by itself.
      config: { public: true, rawBody: true, dryRun: false, idempotency: false },
      preValidation: async (request) => {
        const header = request.headers['x-signature'];
        const signed = { header: String(header), body: request.rawBody ?? '', now: new Date() };
        if (!isSigned(webhookSecret, signed))
          throw new DomainError(
            'unauthenticated',
            'workday.signature-invalid',
            'X-Signature is missing, older than 300 seconds, or not that of this body.',
          );
        request.actor = WORKDAY;
      },
      schema: {
        operationId: 'receiveWorkdayCallback',
        summary: "Receive Workday's report of a payment; repeats have no effect",
        tags,
        headers: SignatureHeaders,
        body: ref(WorkdayCallbackBody),
        response: { 200: ref(WorkdayStatusReply), ...CREATE_PROBLEMS },
      },
    },
    (request, reply) => carryOut(request, reply, (command) => workday.receive(command, request.body)),
  );

  app.get(
    '/workday/status/:payment_id',
    {
      config: { permission: 'workday:read' },
      schema: {
        operationId: 'getWorkdayStatus',
        summary: 'Read the status of a payment, for Workday',
        tags,
        params: Strict({ payment_id: Id('payment') }),
        response: { 200: ref(WorkdayStatusReply), ...READ_PROBLEMS },
      },
    },
    (request) => workday.status(request.params.payment_id),
  );
};
