/** Every audited entity's store: what a verification reads items with, and a repair writes them with. */
import { createApiKeyRepository } from '../../modules/api-keys/index.ts';
import { createBankMessageRepository } from '../../modules/bank-messages/index.ts';
import { createDocumentRepository } from '../../modules/documents/index.ts';
import { createInvoiceRepository } from '../../modules/invoices/index.ts';
import { createBatchRepository } from '../../modules/payment-batches/index.ts';
import { createPaymentRepository } from '../../modules/payments/index.ts';
import { createPurchaseOrderRepository } from '../../modules/purchase-orders/index.ts';
import { createReceiptRepository } from '../../modules/receipts/index.ts';
import { createExchangeRateRepository, createSettingsRepository } from '../../modules/settings/index.ts';
import { createUserRepository } from '../../modules/users/index.ts';
import { createVendorRepository } from '../../modules/vendors/index.ts';
import type { AuditedEntity } from '../../shared/audit/event.ts';
import type { EntityRecord, EntityStore, EntityStoreDeps } from '../../shared/dynamo/entity-store.ts';

export type Repositories = ReturnType<typeof createRepositories>;

export const createRepositories = (deps: EntityStoreDeps) => ({
  vendors: createVendorRepository(deps),
  orders: createPurchaseOrderRepository(deps),
  receipts: createReceiptRepository(deps),
  invoices: createInvoiceRepository(deps),
  payments: createPaymentRepository(deps),
  batches: createBatchRepository(deps),
  bankMessages: createBankMessageRepository(deps),
  documents: createDocumentRepository(deps),
  users: createUserRepository(deps),
  apiKeys: createApiKeyRepository(deps),
  settings: createSettingsRepository(deps),
  exchangeRates: createExchangeRateRepository(deps),
});

/** What all stores have in common; the records differ, and a repair changes only what every record has or what it was given. */
export type AnyStore = EntityStore<EntityRecord>;

export function storeOf(repositories: Repositories, entity: AuditedEntity, id: string): AnyStore {
  const {
    vendors,
    orders,
    receipts,
    invoices,
    payments,
    batches,
    bankMessages,
    documents,
    users,
    apiKeys,
    settings,
    exchangeRates,
  } = repositories;
  const stores = {
    vendor: vendors.vendors,
    bank_account: vendors.accounts,
    purchase_order: orders.orders,
    receipt: receipts.receipts,
    invoice: invoices.invoices,
    payment: payments.payments,
    payment_batch: batches.batches,
    bank_message: bankMessages.messages,
    document: documents.documents,
    user: users.users,
    api_key: apiKeys.keys,
    debtor_account: settings.debtorAccounts,
    exchange_rate: exchangeRates.exchangeRates,
    settings:
      id === 'recovery'
        ? settings.recovery
        : id === 'company'
          ? settings.company
          : id === 'unit_conversions'
            ? settings.unitConversions
            : settings.writingRegion,
  };
  return stores[entity] as unknown as AnyStore;
}
