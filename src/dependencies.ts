/** Composition root: clients -> repositories -> services, each made once, by hand, in the order of the modules. */
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { type ApiKeyService, createApiKeyRepository, createApiKeyService } from './modules/api-keys/index.ts';
import {
  type ApprovalService,
  approvalSources,
  createApprovalService,
  createStreamReader,
} from './modules/approvals/index.ts';
import {
  createSecurityLog,
  createSecurityLogRepository,
  createTrailRepository,
  createTrailService,
  type SecurityLog,
  type TrailService,
} from './modules/audit/index.ts';
import {
  type AuthService,
  createAuthService,
  createLockout,
  createSecondFactorService,
  createSessionRepository,
  createThrottleRepository,
} from './modules/auth/index.ts';
import {
  type BankMessageService,
  createBankMessageRepository,
  createBankMessageService,
} from './modules/bank-messages/index.ts';
import { createDocumentRepository, createDocumentService, type DocumentService } from './modules/documents/index.ts';
import { createEInvoiceService, type EInvoiceService } from './modules/e-invoices/index.ts';
import { createExportService, type ExportService } from './modules/exports/index.ts';
import {
  createInvoiceRepository,
  createInvoiceService,
  type InvoiceService,
  SHIPPED_TOLERANCES,
} from './modules/invoices/index.ts';
import {
  createOidcService,
  createProvider,
  createUsedLoginRepository,
  type OidcOptions,
  type OidcService,
} from './modules/oidc/index.ts';
import {
  type BatchService,
  createBatchRepository,
  createBatchService,
  createBatchViews,
  createMemberGate,
  createMembers,
  createRunner,
  leftAt,
  noFormat,
} from './modules/payment-batches/index.ts';
import { createPaymentRepository, createPaymentService, type PaymentService } from './modules/payments/index.ts';
import {
  createPurchaseOrderRepository,
  createPurchaseOrderService,
  createVendorOrders,
  type PurchaseOrderRepository,
  type PurchaseOrderService,
} from './modules/purchase-orders/index.ts';
import { createReceiptRepository, createReceiptService, type ReceiptService } from './modules/receipts/index.ts';
import {
  createExchangeRateRepository,
  createExchangeRateService,
  createRecoveryService,
  createSettingsRepository,
  createSettingsService,
  createUnitConversionService,
  createWritingRegionService,
  type ExchangeRateService,
  type RecoveryService,
  type Regions,
  type SettingsService,
  type UnitConversionService,
  type WritingRegionService,
} from './modules/settings/index.ts';
import {
  createUserRepository,
  createUserService,
  type UserRepository,
  type UserService,
} from './modules/users/index.ts';
import { createVendorRepository, createVendorService, type VendorService } from './modules/vendors/index.ts';
import { createWorkdayService, type WorkdayService } from './modules/workday/index.ts';
import type { Identity } from './plugins/authentication.ts';
import type { AuthorizationOptions } from './plugins/authorization.ts';
import type { Actor, IdempotencyClaim } from './shared/command.ts';
import type { Vault } from './shared/crypto.ts';
import type { DocumentClient } from './shared/dynamo/client.ts';
import type { EntityStoreDeps } from './shared/dynamo/entity-store.ts';
import { epochSeconds, type StoredReply, storedReply } from './shared/dynamo/idempotency-record.ts';
import { createNewestRead } from './shared/dynamo/newest-read.ts';
import { createRecentNames } from './shared/dynamo/recent-names.ts';
import { sealItems } from './shared/dynamo/sealed-client.ts';
import { createSeals, type Seals } from './shared/dynamo/seals.ts';
import type { TableNames } from './shared/dynamo/tables.ts';
import { createUnitOfWork, type UnitOfWork, type UnitOfWorkObserver } from './shared/dynamo/unit-of-work.ts';
import type { IntegrityError } from './shared/errors.ts';
import { idOfReference } from './shared/ids.ts';
import type { Mail } from './shared/mail/mail.ts';
import { type Permission, permissionsOf } from './shared/permissions.ts';
import type { Scan } from './shared/storage/scan.ts';
import type { ObjectStorage } from './shared/storage/storage.ts';

/** The three buckets of the system. */
export interface Buckets {
  readonly payments: ObjectStorage;
  readonly documents: ObjectStorage;
  readonly backups: ObjectStorage;
  /** Where anchors of the audit trail do not lie among the backups. */
  readonly anchors?: ObjectStorage | undefined;
}

/** What a process brings: the same services run in the server, in Lambda, in jobs and in tests. */
export interface Infrastructure {
  readonly client: DocumentClient;
  readonly tableNames: TableNames;
  readonly vault: Vault;
  readonly storage: Buckets;
  /** Hours a new bank account waits for its first payment: 24, in the embedded default 0. */
  readonly coolingHours: number;
  /** Debtor accounts, policy changes and guarded roles take a second admin: with `aws`, not in the embedded default. */
  readonly secondAdmin: boolean;
  /** Guarded roles take a second factor: in production unless it says otherwise. */
  readonly secondFactor?: boolean | undefined;
  /** What asks a malware scanner of a document; absent where there is none. */
  readonly documentScan?: Scan | undefined;
  readonly mail: Mail;
  /** Whether replies show the token of a link: outside production, where a person may have no mail of this server. */
  readonly showLinks: boolean;
  /** The page that a link opens; the token follows after `#`. */
  readonly enrolmentPage?: string | undefined;
  /** The identity provider that people may sign in with; absent where there is none. */
  readonly oidc?: OidcOptions | undefined;
  /** What copies of the provider's keys and metadata age by; the system's clock where absent. */
  readonly oidcClock?: (() => number) | undefined;
  /** How long a payment run stays with a task that says nothing; 30 seconds where absent. */
  readonly runLeaseMs?: number;
  /** Where this process is, and which Region may write; absent where there is but one. */
  readonly regions?: Regions | undefined;
  /** While a database from before there were seals gets them; in every other an item without a seal is refused. */
  readonly unsealedItems?: 'accepted' | undefined;
  /** Told of every decision that was committed. */
  readonly observer?: UnitOfWorkObserver | undefined;
}

export interface Dependencies {
  /** For jobs that read or write whole tables past the client. */
  readonly seals: Seals;
  readonly unitOfWork: UnitOfWork;
  readonly userRepository: UserRepository;
  readonly users: UserService;
  readonly auth: AuthService;
  readonly oidc: OidcService;
  readonly apiKeys: ApiKeyService;
  readonly securityLog: SecurityLog;
  readonly settings: SettingsService;
  readonly unitConversions: UnitConversionService;
  readonly recovery: RecoveryService;
  readonly exchangeRates: ExchangeRateService;
  readonly writingRegion: WritingRegionService;
  readonly vendors: VendorService;
  readonly invoices: InvoiceService;
  readonly payments: PaymentService;
  readonly paymentBatches: BatchService;
  readonly purchaseOrderRepository: PurchaseOrderRepository;
  readonly purchaseOrders: PurchaseOrderService;
  readonly receipts: ReceiptService;
  readonly bankMessages: BankMessageService;
  readonly documents: DocumentService;
  readonly eInvoices: EInvoiceService;
  readonly exports: ExportService;
  readonly approvals: ApprovalService;
  readonly trail: TrailService;
  readonly workday: WorkdayService;
  readonly identity: Identity;
  readonly denied: NonNullable<AuthorizationOptions['denied']>;
  readonly fingerprints: (text: string) => IdempotencyClaim['fingerprints'];
  readonly findReply: (id: string, fingerprints: readonly string[]) => Promise<StoredReply | undefined>;
}

export function createDependencies(infrastructure: Infrastructure): Dependencies {
  const { client, tableNames, vault } = infrastructure;
  const seals = createSeals({ vault, required: infrastructure.unsealedItems !== 'accepted' });
  const integrityFailed = (error: IntegrityError): void => {
    infrastructure.observer?.broken?.();
    people.securityLog.recordOnce({ kind: 'integrity_broken', subject_id: error.subject, detail: error.message });
  };
  sealItems(client, seals, integrityFailed);
  const storeDeps: EntityStoreDeps = infrastructure;
  const settingsRepository = createSettingsRepository(storeDeps);
  const everywhere = createUnitOfWork({ client, tableNames });
  const writingRegion = createWritingRegionService({
    repository: settingsRepository,
    unitOfWork: everywhere,
    regions: infrastructure.regions,
  });
  const { accompany, restoredHere } = writingRegion;
  const unitOfWork = createUnitOfWork({
    client,
    tableNames,
    observer: infrastructure.observer,
    accompany,
    integrityFailed,
  });
  const people = createPeople(infrastructure, unitOfWork, everywhere, seals, integrityFailed);
  const recovery = createRecoveryService({
    repository: settingsRepository,
    unitOfWork,
    restoring: everywhere,
    restoredHere,
  });
  const settings = createSettingsService({
    repository: settingsRepository,
    unitOfWork,
    coolingHours: infrastructure.coolingHours,
    secondAdmin: infrastructure.secondAdmin,
    shippedTolerances: SHIPPED_TOLERANCES,
  });
  const exchangeRates = createExchangeRateService({
    repository: createExchangeRateRepository(storeDeps),
    unitOfWork,
    secondAdmin: infrastructure.secondAdmin,
    today: settings.today,
  });
  const { withRate } = exchangeRates;
  const unitConversions = createUnitConversionService({
    repository: settingsRepository,
    unitOfWork,
    secondAdmin: infrastructure.secondAdmin,
  });
  const paymentRepository = createPaymentRepository(storeDeps);
  const vendorRepository = createVendorRepository(storeDeps);
  const purchaseOrderRepository = createPurchaseOrderRepository(storeDeps);
  const vendorOrders = createVendorOrders(purchaseOrderRepository, createRecentNames(storeDeps, 'vendor_orders'));
  const vendors = createVendorService({
    repository: vendorRepository,
    unitOfWork,
    coolingHours: async () => (await settings.companyFacts()).bank_account_cooling_hours,
    openPaymentMakers: paymentRepository.openMakers,
    openOrders: vendorOrders.openOrders,
  });
  const invoices = createInvoiceService({
    repository: createInvoiceRepository(storeDeps),
    orderInvoices: createRecentNames(storeDeps, 'order_invoices'),
    unitOfWork,
    vendors: vendorRepository,
    orders: purchaseOrderRepository,
    today: settings.today,
    withRate,
    documentWindow: settings.documentWindow,
    // As shipped: tolerances of items, vendors and the company are not kept yet.
    tolerances: async () => ({}),
    conversions: unitConversions.conversions,
  });
  const batchRepository = createBatchRepository(storeDeps);
  const payments = createPaymentService({
    repository: paymentRepository,
    unitOfWork,
    vendors,
    invoices,
    today: settings.today,
    withRate,
    batches: createMemberGate({ repository: batchRepository, today: settings.today }),
    noFormat,
  });
  const views = createBatchViews({ repository: batchRepository, payments: paymentRepository });
  const runner = createRunner({
    repository: batchRepository,
    unitOfWork,
    members: createMembers({
      payments: paymentRepository,
      invoices,
      vendors,
      skipWrite: batchRepository.skipWrite,
    }),
    invoices,
    storage: infrastructure.storage.payments,
    views,
    leaseMs: infrastructure.runLeaseMs ?? 30_000,
    mayGoOn: recovery.paymentsReleased,
  });
  const paymentBatches = createBatchService({
    repository: batchRepository,
    unitOfWork,
    payments: paymentRepository,
    invoices,
    settings,
    recovery,
    runner,
    views,
    withRate,
    approvers: (may) => activePeople(people.userRepository, 'payment_batch:approve', may),
  });
  const purchaseOrders = createPurchaseOrderService({
    repository: purchaseOrderRepository,
    vendorOrders,
    vendors: vendorRepository,
    unitOfWork,
    withRate,
    isPerson: async (id) => (await people.userRepository.users.get(id)) !== undefined,
    invoicesOf: invoices.invoicesOf,
    documentWindow: settings.documentWindow,
  });
  const receipts = createReceiptService({
    repository: createReceiptRepository(storeDeps),
    orders: purchaseOrderRepository,
    unitOfWork,
    receiverMayNotBeApprover: async () => (await settings.companyFacts()).receiver_may_not_be_approver,
    onReturn: invoices.holdReturned,
  });
  const documents = createDocumentService({
    repository: createDocumentRepository(storeDeps),
    unitOfWork,
    storage: infrastructure.storage.documents,
    referVendor: vendorRepository.reference,
    scan: infrastructure.documentScan,
    infected: (facts) => people.securityLog.record({ kind: 'document_infected', ...facts }),
  });
  const exports = createExportService({
    paymentBatches,
    payments,
    invoices,
    vendors,
    storage: infrastructure.storage.payments,
    integrityFailed,
  });
  const bankMessages = createBankMessageService({
    repository: createBankMessageRepository(storeDeps),
    unitOfWork,
    storage: infrastructure.storage.documents,
    payments,
    batches: {
      get: batchRepository.batches.get,
      async byMessageId(messageId) {
        const id = idOfReference('payment_batch', messageId);
        return id === undefined ? undefined : batchRepository.batches.get(id);
      },
    },
    today: settings.today,
  });
  const workday = createWorkdayService({
    payments,
    batches: {
      async answers(batchId) {
        const batch = await batchRepository.batches.require(batchId);
        const { settlement_source } = await settings.debtorAccount(batch.debtor_account_id);
        return { withBank: leftAt(batch) !== undefined, settledByWorkday: settlement_source === 'workday' };
      },
      formats: async (batchId) => (await batchRepository.batches.require(batchId)).files.map(({ format }) => format),
    },
    today: settings.today,
  });
  const approvals = createApprovalService({
    sources: approvalSources({
      vendors,
      invoices,
      orders: purchaseOrderRepository,
      payments: paymentRepository,
      paymentDecisions: payments,
      batches: batchRepository,
      users: people.users,
      apiKeys: people.apiKeys,
      settings,
      exchangeRates,
      withRate: (actor, currency) => withRate(actor, currency, new Date()),
      unitConversions,
    }),
    read: createStreamReader({ client, tableNames }),
    vault: infrastructure.vault,
    limitOf: async (id) => (await people.users.find(id))?.approval_limit ?? undefined,
  });
  return {
    seals,
    unitOfWork,
    ...people,
    settings,
    unitConversions,
    recovery,
    exchangeRates,
    writingRegion,
    vendors,
    invoices,
    payments,
    paymentBatches,
    purchaseOrderRepository,
    purchaseOrders,
    receipts,
    bankMessages,
    documents,
    eInvoices: createEInvoiceService({ invoices, documents }),
    exports,
    approvals,
    trail: createTrailService({ repository: createTrailRepository(storeDeps), vault: infrastructure.vault }),
    workday,
    fingerprints: (text) => infrastructure.vault.signatures('idempotency', text),
    findReply: createReplyFinder(client, tableNames),
  };
}

/** The index may be behind: who is let through is read again. */
async function* activePeople(
  { users, list }: Pick<UserRepository, 'users' | 'list'>,
  permission: Permission,
  may: (userId: string) => boolean,
): AsyncGenerator<Actor, void, undefined> {
  let cursor: string | undefined;
  do {
    const binding = { principal: '', query: 'active users' };
    const page = await list({ status: 'active', limit: 100 }, { limit: 100, cursor, binding });
    for (const { id, roles } of page.data) {
      if (!permissionsOf(roles).has(permission) || !may(id)) continue;
      const { status, approval_limit, ...user } = await users.require(id);
      const permissions = permissionsOf(user.roles);
      if (status === 'active' && permissions.has(permission))
        yield { id, roles: user.roles, permissions, approval_limit: approval_limit ?? undefined };
    }
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
}

type People = Pick<
  Dependencies,
  'userRepository' | 'users' | 'auth' | 'oidc' | 'apiKeys' | 'securityLog' | 'identity' | 'denied'
>;

/** Who asks and what they may; everyone else in this file only needs to know that they do. */
function createPeople(
  infrastructure: Infrastructure,
  unitOfWork: UnitOfWork,
  everywhere: UnitOfWork,
  seals: Seals,
  integrityFailed: (error: IntegrityError) => void,
): People {
  const { secondAdmin, secondFactor = false } = infrastructure;
  const securityLog = createSecurityLog(
    createSecurityLogRepository(infrastructure, seals),
    infrastructure.observer?.lost,
  );
  const { record, recordOnce } = securityLog;
  const userRepository = createUserRepository(infrastructure);
  const { mail, showLinks, enrolmentPage } = infrastructure;
  const { vault } = infrastructure;
  const lockout = createLockout({ throttles: createThrottleRepository(infrastructure), vault, securityLog });
  const users = createUserService({
    repository: userRepository,
    unitOfWork,
    secondAdmin,
    showLinks,
    enrolmentPage,
    mail,
    record,
    forgetFailures: lockout.forget,
  });
  const newest = createNewestRead({ ...infrastructure, failed: integrityFailed });
  const apiKeys = createApiKeyService({
    repository: createApiKeyRepository(infrastructure),
    unitOfWork,
    users,
    secondAdmin,
    secondFactor,
    record,
  });
  const sessions = createSessionRepository(infrastructure);
  const auth = createAuthService({
    users,
    sessions,
    lockout,
    secondFactors: createSecondFactorService({
      repository: userRepository,
      users,
      sessions,
      unitOfWork,
      everywhere,
      lockout,
      securityLog,
    }),
    secondFactor,
    vault: infrastructure.vault,
    securityLog,
  });
  const { oidc: options, oidcClock } = infrastructure;
  const oidc = createOidcService({
    options,
    provider: options && createProvider(options, oidcClock),
    used: createUsedLoginRepository(infrastructure),
    users,
    auth,
    vault,
    securityLog,
  });
  return {
    userRepository,
    users,
    auth,
    oidc,
    apiKeys,
    securityLog,
    identity: {
      async person(id, sid) {
        const person = await auth.person(id, sid, new Date());
        if (person !== undefined) await newest.require('users', person, () => users.find(id), Date.now());
        return person;
      },
      async machine(text) {
        const machine = await apiKeys.verify(text);
        if (machine === undefined) return undefined;
        const { id, owner } = machine;
        await Promise.all([
          newest.require('api_keys', machine, () => apiKeys.get(id), Date.now()),
          newest.require('users', owner, () => users.find(owner.id), Date.now()),
        ]);
        return machine;
      },
      refused: ({ reason, ...facts }) => {
        // A request without a token, or with one that just ran out, tried nothing.
        if (reason !== 'auth.missing' && reason !== 'auth.expired')
          recordOnce({ kind: 'token_refused', detail: reason, ...facts });
      },
    },
    denied: ({ actor_id, request_id, method, route, permission }) =>
      recordOnce({ kind: 'denied', actor_id, request_id, detail: `${method} ${route} ${permission}` }),
  };
}

function createReplyFinder(client: DocumentClient, tableNames: TableNames): Dependencies['findReply'] {
  return async (id, fingerprints) => {
    const { Item: item } = await client.send(
      new GetCommand({ TableName: tableNames.idempotency, Key: { id }, ConsistentRead: true }),
    );
    if (item === undefined || Number(item['expires_at']) < epochSeconds(new Date())) return undefined;
    return storedReply(item, fingerprints);
  };
}
