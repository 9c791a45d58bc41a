/** Messages of the bank, as other modules see them. */
import type { FastifyPluginAsync } from 'fastify';
import { bankMessageRoutes } from './bank-message.routes.ts';
import {
  BankMessageLine,
  BankMessageLinePage,
  BankMessagePage,
  BankMessageReply,
  BankMessageSummary,
  ConfirmLine,
} from './bank-message.schema.ts';
import type { BankMessageService } from './bank-message.service.ts';

export { createBankMessageRepository } from './bank-message.repository.ts';
export { BANK_FILES, type BankMessageService, createBankMessageService } from './bank-message.service.ts';

const SCHEMAS = [
  BankMessageReply,
  BankMessageSummary,
  BankMessagePage,
  BankMessageLine,
  BankMessageLinePage,
  ConfirmLine,
];

export const bankMessagesModule: FastifyPluginAsync<{ readonly bankMessages: BankMessageService }> = async (
  app,
  options,
) => {
  for (const schema of SCHEMAS) app.addSchema(schema);
  await app.register(bankMessageRoutes, options);
};
