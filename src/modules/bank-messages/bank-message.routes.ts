/** /bank-messages: the bank's files in, what they meant, and what a person confirms. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { actionRoute } from '../../shared/http/action-route.ts';
import { carryOut, sendEntity } from '../../shared/http/carry-out.ts';
import { pageRequest } from '../../shared/http/paging.ts';
import { CREATE_PROBLEMS, idParams, LIST_PROBLEMS, READ_PROBLEMS, ref } from '../../shared/http/schemas.ts';
import {
  BankMessageLinePage,
  BankMessageLineQuery,
  BankMessagePage,
  BankMessageQuery,
  BankMessageReply,
  ConfirmLine,
} from './bank-message.schema.ts';
import type { BankMessageService } from './bank-message.service.ts';

const params = idParams({ id: 'bank_message' });
const tags = ['bank-messages'];
/** A larger file takes longer than a request may. */
const MAX_FILE = 4 * 1024 * 1024;
const TYPES = ['application/xml', 'text/xml', 'text/plain', 'application/octet-stream'];

export const bankMessageRoutes: FastifyPluginAsyncTypebox<{ readonly bankMessages: BankMessageService }> = async (
  app,
  { bankMessages },
) => {
  await app.register(async (files) => {
    // Bytes, since the file itself says its encoding; JSON is no message of a bank.
    files.removeAllContentTypeParsers();
    files.addContentTypeParser(
      TYPES,
      { parseAs: 'buffer', bodyLimit: MAX_FILE },
      async (_request: unknown, body: Buffer) => body,
    );
    files.post(
      '/bank-messages',
      {
        bodyLimit: MAX_FILE,
        // The same bytes are the same message by themselves.
        config: { permission: 'bank_message:create', dryRun: false, idempotency: false },
        schema: {
          operationId: 'receiveBankMessage',
          summary: 'Upload a bank message: pain.002, camt.052, camt.053, camt.054 or NACHA returns',
          description:
            'At most 4 MB. 201 for a new file; 200 for one that was handed in before, which changes nothing; 202 while lines are left: send the same file again.',
          tags,
          body: Type.Unsafe<Buffer>({ description: 'The file as the bank wrote it' }),
          consumes: TYPES,
          response: {
            200: ref(BankMessageReply),
            201: ref(BankMessageReply),
            202: ref(BankMessageReply),
            ...CREATE_PROBLEMS,
          },
        },
      },
      (request, reply) =>
        carryOut(
          request,
          reply,
          (command) => bankMessages.receive(command, Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)),
          {
            status: ({ message, created }) => (message.status === 'processing' ? 202 : created ? 201 : 200),
            location: ({ message }) => `/bank-messages/${message.id}`,
            present: ({ message }) => message,
          },
        ),
    );
  });

  app.get(
    '/bank-messages',
    {
      config: { permission: 'bank_message:read' },
      schema: {
        operationId: 'listBankMessages',
        summary: 'List bank messages',
        tags,
        querystring: BankMessageQuery,
        response: { 200: ref(BankMessagePage), ...LIST_PROBLEMS },
      },
    },
    (request) => bankMessages.list(request.query, pageRequest(request)),
  );

  app.get(
    '/bank-messages/:id',
    {
      config: { permission: 'bank_message:read' },
      schema: {
        operationId: 'getBankMessage',
        summary: 'Read a bank message with counts of its lines',
        tags,
        params,
        response: { 200: ref(BankMessageReply), ...READ_PROBLEMS },
      },
    },
    async (request, reply) => {
      const message = await bankMessages.get(request.params.id);
      return sendEntity(reply, message, message);
    },
  );

  app.get(
    '/bank-messages/:id/lines',
    {
      config: { permission: 'bank_message:read' },
      schema: {
        operationId: 'listBankMessageLines',
        summary: 'List the lines of a bank message, in the order of the file',
        tags,
        params,
        querystring: BankMessageLineQuery,
        response: { 200: ref(BankMessageLinePage), ...READ_PROBLEMS },
      },
    },
    (request) => bankMessages.lines(request.params.id, request.query, pageRequest(request)),
  );

  actionRoute(app, {
    path: '/bank-messages/:id/confirm',
    operationId: 'confirmBankMessageLine',
    summary: 'Confirm that a line belongs to a payment, and record it there',
    tags,
    permission: 'bank_message:confirm',
    params,
    body: ref(ConfirmLine),
    reply: ref(BankMessageReply),
    run: (command, { id }, body) => bankMessages.confirm(command, id, body),
  });
};
