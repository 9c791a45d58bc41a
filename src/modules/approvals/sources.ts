/** How each kind takes part in what waits: its table, its statuses, who may decide, and what of it a person is shown. */
import type { Actor } from '../../shared/command.ts';
import { isWithinLimit } from '../../shared/decisions/approval-limit.ts';
import { withKeyMakers } from '../../shared/decisions/history.ts';
import type { Decimal } from '../../shared/money.ts';
import { proposersOf } from '../../shared/proposal.ts';
import type { ApiKeyService } from '../api-keys/index.ts';
import { type InvoiceService, mayApproveNow } from '../invoices/index.ts';
import { type BatchRepository, mayApproveBatch, pinnedFrom, pinStands } from '../payment-batches/index.ts';
import { mayDecide, type PaymentRepository, type PaymentService } from '../payments/index.ts';
import {
  amountAtStake,
  isApprovable,
  mayApproveOrder,
  type PurchaseOrderRepository,
} from '../purchase-orders/index.ts';
import {
  type ExchangeRateService,
  mayApproveDebtorAccount,
  mayApproveExchangeRate,
  type SettingsService,
  type UnitConversionService,
} from '../settings/index.ts';
import { isEnrolling, type UserService } from '../users/index.ts';
import type { VendorService } from '../vendors/index.ts';
import { mayApproveChange, mayApproveVendor, VENDOR_CHANGE } from '../vendors/index.ts';
import type { ApprovalSource } from './approval.service.ts';
import { wouldPass } from './rehearsal.ts';

export interface ApprovalSourcesDeps {
  readonly vendors: VendorService;
  readonly invoices: InvoiceService;
  readonly orders: Pick<PurchaseOrderRepository, 'loadOrderForDecision'>;
  readonly payments: Pick<PaymentRepository, 'payments'>;
  readonly paymentDecisions: Pick<PaymentService, 'act'>;
  readonly batches: Pick<BatchRepository, 'batches'>;
  readonly users: Pick<UserService, 'get' | 'mayConfirmReset'>;
  readonly apiKeys: Pick<ApiKeyService, 'get'>;
  readonly settings: Pick<SettingsService, 'debtorAccount' | 'company'>;
  readonly exchangeRates: Pick<ExchangeRateService, 'get'>;
  /** The caller with the rate of this moment. */
  readonly withRate: (actor: Actor, currency: string) => Promise<Actor>;
  readonly unitConversions: Pick<UnitConversionService, 'get'>;
}

/** One table knows its items by kind: a change waits beside what stands, whatever its status. */
const BY_KIND = { name: 'by_kind', key: 'kind' };

export const approvalSources = (deps: ApprovalSourcesDeps): readonly ApprovalSource[] => [
  ...vendorSources(deps),
  orderSource(deps),
  invoiceSource(deps),
  ...paymentSources(deps),
  userSource(deps),
  apiKeySource(deps),
  ...settingsSources(deps),
  conversionSource(deps),
];

const vendorSources = ({ vendors }: Pick<ApprovalSourcesDeps, 'vendors'>): readonly ApprovalSource[] => [
  {
    entity: 'vendor',
    table: 'vendors',
    statuses: ['pending'],
    permissions: ['vendor:approve'],
    path: '/vendors',
    async waiting(actor, { id }) {
      const vendor = await vendors.get(id);
      if (vendor.status !== 'pending' || !mayApproveVendor(vendor, actor.id)) return undefined;
      const { version, created_at, updated_at: waiting_since } = vendor;
      return { version, title: vendor.name, created_at, waiting_since };
    },
  },
  {
    entity: 'vendor',
    table: 'settings',
    statuses: [VENDOR_CHANGE],
    index: BY_KIND,
    permissions: ['vendor:approve'],
    path: '/vendors',
    async waiting(actor, { summary }) {
      const entity_id = String(summary['vendor_id']);
      const vendor = await vendors.get(entity_id);
      if (!mayApproveChange(vendor, actor.id) || !vendor.proposed) return undefined;
      const { version, created_at, name, proposed } = vendor;
      const title = `Change of ${name}: ${Object.keys(proposed.changes).sort().join(', ')}`;
      return {
        entity_id,
        version,
        title,
        created_at,
        waiting_since: proposed.proposed_at,
        path: `/vendors/${entity_id}`,
      };
    },
  },
  {
    entity: 'bank_account',
    table: 'bank_accounts',
    statuses: ['proposed'],
    permissions: ['bank_account:approve'],
    path: '/vendors',
    async waiting(actor, { id, summary }) {
      const vendorId = String(summary['vendor_id']);
      const [account, vendor] = await Promise.all([vendors.getAccount(vendorId, id), vendors.get(vendorId)]);
      if (!(await vendors.mayApproveAccount(account, actor.id))) return undefined;
      const { version, created_at, updated_at: waiting_since } = account;
      const title = `${vendor.name}: bank account of ${account.holder_name} in ${account.country}`;
      return { version, title, created_at, waiting_since, path: `/vendors/${vendorId}/bank-accounts/${id}` };
    },
  },
];

const invoiceSource = ({ invoices, withRate }: Pick<ApprovalSourcesDeps, 'invoices' | 'withRate'>): ApprovalSource => ({
  entity: 'invoice',
  table: 'invoices',
  statuses: ['matched', 'exception', 'pending_approval'],
  permissions: ['invoice:approve', 'invoice:approve_without_po'],
  path: '/invoices',
  async waiting(actor, { id }) {
    const invoice = await invoices.requireForDecision(id);
    if (!mayApproveNow(invoice, await withRate(actor, invoice.currency))) return undefined;
    // An exception takes a reason, which its approver gives.
    if (!(await wouldPass(actor, (command) => invoices.approve(command, id, 'rehearsed')))) return undefined;
    const { version, created_at, updated_at: waiting_since, total_amount, currency } = invoice;
    const kind = invoice.type === 'credit_note' ? 'Credit note' : 'Invoice';
    const title = `${kind} ${invoice.invoice_number}${invoice.status === 'exception' ? ', an exception' : ''}`;
    return { version, title, created_at, waiting_since, amount: total_amount, currency };
  },
});

const orderSource = ({ orders, withRate }: Pick<ApprovalSourcesDeps, 'orders' | 'withRate'>): ApprovalSource => ({
  entity: 'purchase_order',
  table: 'purchase_orders',
  statuses: ['pending_approval'],
  permissions: ['purchase_order:approve'],
  path: '/purchase-orders',
  async waiting(actor, { id }) {
    const { order, counters } = await orders.loadOrderForDecision(id);
    if (!isApprovable(order, counters) || !mayApproveOrder(order, actor.id)) return undefined;
    const { version, created_at, updated_at: waiting_since, currency } = order;
    if (!(await isWithin(withRate, actor, amountAtStake(order), currency))) return undefined;
    const title = `Order ${order.po_number}${order.pending_amendment === null ? '' : ', an amendment'}`;
    return { version, title, created_at, waiting_since, amount: amountAtStake(order), currency };
  },
});

const paymentSources = ({
  payments: { payments },
  paymentDecisions,
  batches: { batches },
  settings,
  withRate,
}: Pick<
  ApprovalSourcesDeps,
  'payments' | 'paymentDecisions' | 'batches' | 'settings' | 'withRate'
>): readonly ApprovalSource[] => [
  {
    entity: 'payment',
    table: 'payments',
    statuses: ['pending_approval'],
    permissions: ['payment:approve'],
    path: '/payments',
    async waiting(actor, { id }) {
      const payment = await payments.require(id);
      if (payment.status !== 'pending_approval' || !mayDecide(payment, actor.id, 'approve')) return undefined;
      const { version, created_at, updated_at: waiting_since, payment_amount: amount, currency } = payment;
      if (!(await isWithin(withRate, actor, amount, currency))) return undefined;
      if (!(await wouldPass(actor, (command) => paymentDecisions.act(command, id, 'approve', {})))) return undefined;
      return { version, title: `Payment of ${payment.invoice_number}`, created_at, waiting_since, amount, currency };
    },
  },
  {
    entity: 'payment_batch',
    table: 'payment_batches',
    statuses: ['pending_approval'],
    permissions: ['payment_batch:approve'],
    path: '/payment-batches',
    async waiting(actor, { id }) {
      const batch = await batches.require(id);
      if (batch.status !== 'pending_approval' || !mayApproveBatch(batch, actor.id)) return undefined;
      const { version, created_at, updated_at: waiting_since, control_sum: amount, currency } = batch;
      if (!(await isWithin(withRate, actor, amount, currency))) return undefined;
      const [debtor, company] = await Promise.all([
        settings.debtorAccount(batch.debtor_account_id),
        settings.company(),
      ]);
      if (!pinStands(batch, pinnedFrom(debtor, company))) return undefined;
      const title = `Batch of ${batch.count} payments on ${batch.execution_date}`;
      return { version, title, created_at, waiting_since, amount, currency };
    },
  },
];

/**
 * Rights that take a second admin: neither who proposed them gives them, nor whom they are for. And resets that a second person confirms,
 * first: until then the person's rights rest anyway.
 */
const userSource = ({ users }: Pick<ApprovalSourcesDeps, 'users'>): ApprovalSource => ({
  entity: 'user',
  table: 'users',
  statuses: ['active', 'disabled'],
  permissions: ['user:approve', 'user:confirm'],
  path: '/users',
  mayWait: (summary, actorId) => summary['waits'] === true && summary['id'] !== actorId,
  async waiting(actor, { id }) {
    const user = await users.get(id);
    const { proposed, suspended, roles, name, version, created_at } = user;
    if (suspended && !isEnrolling(user) && (await users.mayConfirmReset(user, actor)))
      return { version, title: `Reset of ${name}`, created_at, waiting_since: suspended.since, action: 'confirm' };
    const mayApprove = actor.permissions.has('user:approve');
    if (!mayApprove || proposed === null || proposersOf(proposed).includes(actor.id)) return undefined;
    const title = `Rights of ${name}: ${(proposed.changes.roles ?? roles).join(', ')}`;
    return { version, title, created_at, waiting_since: proposed.proposed_at };
  },
});

/** A key that decides takes a second admin. */
const apiKeySource = ({ apiKeys }: Pick<ApprovalSourcesDeps, 'apiKeys'>): ApprovalSource => ({
  entity: 'api_key',
  table: 'api_keys',
  statuses: ['proposed'],
  permissions: ['api_key:approve'],
  path: '/api-keys',
  async waiting(actor, { id }) {
    const { status, awaits, owner_id, name, version, created_at, updated_at: waiting_since } = await apiKeys.get(id);
    const waits = status === 'proposed' && (awaits ?? ['approval']).includes('approval') && owner_id !== actor.id;
    return waits ? { version, title: `API key ${name}`, created_at, waiting_since } : undefined;
  },
});

const settingsSources = ({
  settings,
  exchangeRates,
}: Pick<ApprovalSourcesDeps, 'settings' | 'exchangeRates'>): readonly ApprovalSource[] => [
  {
    entity: 'exchange_rate',
    table: 'settings',
    statuses: ['exchange_rate'],
    index: BY_KIND,
    permissions: ['settings:approve'],
    path: '/settings/exchange-rates',
    mayWait: ({ status, created_by }, actorId) => status === 'proposed' && created_by !== actorId,
    async waiting(actor, { id }) {
      const exchangeRate = await exchangeRates.get(id);
      if (!mayApproveExchangeRate(exchangeRate, actor.id)) return undefined;
      const { version, created_at, updated_at: waiting_since, from, to, rate, valid_from } = exchangeRate;
      return {
        version,
        title: `Exchange rate: 1 ${from} = ${rate} ${to} from ${valid_from}`,
        created_at,
        waiting_since,
      };
    },
  },
  {
    entity: 'debtor_account',
    table: 'settings',
    statuses: ['debtor_account'],
    index: BY_KIND,
    permissions: ['debtor_account:approve'],
    path: '/settings/debtor-accounts',
    mayWait: ({ status }) => status !== 'rejected',
    async waiting(actor, { id }) {
      const account = await settings.debtorAccount(id);
      if (!mayApproveDebtorAccount(account, actor.id)) return undefined;
      const { version, name, proposed, created_at, updated_at } = account;
      const title = proposed === null ? `Account that pays: ${name}` : `Change of the account that pays: ${name}`;
      return { version, title, created_at, waiting_since: proposed?.proposed_at ?? updated_at };
    },
  },
  {
    entity: 'settings',
    table: 'settings',
    statuses: ['company'],
    index: BY_KIND,
    permissions: ['settings:approve'],
    path: '/settings',
    mayWait: () => true,
    async waiting(actor, { created_at }) {
      const company = await settings.company();
      const { version, proposed } = company;
      if (proposed === null || withKeyMakers(company, proposersOf(proposed)).includes(actor.id)) return undefined;
      const title = `Settings: ${Object.keys(proposed.changes).join(', ')}`;
      return { version, title, created_at, waiting_since: proposed.proposed_at };
    },
  },
];

const isWithin = async (
  withRate: ApprovalSourcesDeps['withRate'],
  actor: Actor,
  total: Decimal,
  currency: string,
): Promise<boolean> => isWithinLimit((await withRate(actor, currency)).approval_limit, total, currency);

const conversionSource = ({ unitConversions }: Pick<ApprovalSourcesDeps, 'unitConversions'>): ApprovalSource => ({
  entity: 'settings',
  table: 'settings',
  statuses: ['unit_conversions'],
  index: BY_KIND,
  permissions: ['settings:approve'],
  path: '/settings',
  mayWait: () => true,
  async waiting(actor, { created_at }) {
    const list = await unitConversions.get();
    const { version, proposed } = list;
    if (proposed === null || withKeyMakers(list, proposersOf(proposed)).includes(actor.id)) return undefined;
    const title = `Unit conversions: ${proposed.changes.conversions.length}`;
    return { version, title, created_at, waiting_since: proposed.proposed_at, path: '/settings/unit-conversions' };
  },
});
