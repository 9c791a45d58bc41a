/** How each kind takes part in what waits: its table, its statuses, who may decide, and what of it a person is shown. */
import type { Actor } from '../../shared/command.ts';
import { refusalOf } from '../../shared/errors.ts';
import type { Decimal } from '../../shared/money.ts';
import { type InvoiceService, mayApproveNow } from '../invoices/index.ts';
import { type BatchRepository, mayApproveBatch } from '../payment-batches/index.ts';
import { mayDecide, type PaymentRepository, requireWithinLimit } from '../payments/index.ts';
import {
  amountAtStake,
  isWithinLimit,
  mayApproveOrder,
  type PurchaseOrderRepository,
} from '../purchase-orders/index.ts';
import type { UserRepository } from '../users/index.ts';
import type { VendorService } from '../vendors/index.ts';
import { mayApproveVendor } from '../vendors/index.ts';
import type { ApprovalSource } from './approval.service.ts';

export interface ApprovalSourcesDeps {
  readonly vendors: VendorService;
  readonly invoices: InvoiceService;
  readonly orders: Pick<PurchaseOrderRepository, 'orders'>;
  readonly payments: Pick<PaymentRepository, 'payments'>;
  readonly batches: Pick<BatchRepository, 'batches'>;
  readonly users: Pick<UserRepository, 'users'>;
}

export const approvalSources = (deps: ApprovalSourcesDeps): readonly ApprovalSource[] => [
  ...vendorSources(deps),
  orderSource(deps),
  invoiceSource(deps),
  ...paymentSources(deps),
  userSource(deps),
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

const invoiceSource = ({ invoices }: Pick<ApprovalSourcesDeps, 'invoices'>): ApprovalSource => ({
  entity: 'invoice',
  table: 'invoices',
  statuses: ['matched', 'exception', 'pending_approval'],
  permissions: ['invoice:approve', 'invoice:approve_without_po'],
  path: '/invoices',
  async waiting(actor, { id }) {
    const invoice = await invoices.requireForDecision(id);
    if (!mayApproveNow(invoice, actor)) return undefined;
    const { version, created_at, updated_at: waiting_since, total_amount, currency } = invoice;
    const kind = invoice.type === 'credit_note' ? 'Credit note' : 'Invoice';
    const title = `${kind} ${invoice.invoice_number}${invoice.status === 'exception' ? ', an exception' : ''}`;
    return { version, title, created_at, waiting_since, amount: total_amount, currency };
  },
});

const orderSource = ({ orders: { orders } }: Pick<ApprovalSourcesDeps, 'orders'>): ApprovalSource => ({
  entity: 'purchase_order',
  table: 'purchase_orders',
  statuses: ['pending_approval'],
  permissions: ['purchase_order:approve'],
  path: '/purchase-orders',
  async waiting(actor, { id }) {
    const order = await orders.require(id);
    if (order.status !== 'pending_approval' || !mayApproveOrder(order, actor.id)) return undefined;
    if (!isWithinLimit(order, actor.approval_limit)) return undefined;
    const { version, created_at, updated_at: waiting_since, currency } = order;
    const title = `Order ${order.po_number}${order.pending_amendment === null ? '' : ', an amendment'}`;
    return { version, title, created_at, waiting_since, amount: amountAtStake(order), currency };
  },
});

const paymentSources = ({
  payments: { payments },
  batches: { batches },
}: Pick<ApprovalSourcesDeps, 'payments' | 'batches'>): readonly ApprovalSource[] => [
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
      if (!isWithin(actor, 'payment', amount, currency)) return undefined;
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
      if (!isWithin(actor, 'payment_batch', amount, currency)) return undefined;
      const title = `Batch of ${batch.count} payments on ${batch.execution_date}`;
      return { version, title, created_at, waiting_since, amount, currency };
    },
  },
];

/** Rights that take a second admin: neither who proposed them gives them, nor whom they are for. */
const userSource = ({ users: { users } }: Pick<ApprovalSourcesDeps, 'users'>): ApprovalSource => ({
  entity: 'user',
  table: 'users',
  statuses: ['active', 'disabled'],
  permissions: ['user:approve'],
  path: '/users',
  mayWait: (summary, actorId) => summary['waits'] === true && summary['id'] !== actorId,
  async waiting(actor, { id }) {
    const { proposed, roles, name, version, created_at } = await users.require(id);
    if (proposed === null || proposed.proposed_by === actor.id) return undefined;
    const title = `Rights of ${name}: ${(proposed.changes.roles ?? roles).join(', ')}`;
    return { version, title, created_at, waiting_since: proposed.proposed_at };
  },
});

const isWithin = (actor: Actor, entity: 'payment' | 'payment_batch', total: Decimal, currency: string): boolean =>
  refusalOf(() => requireWithinLimit(actor, entity, total, currency)) === undefined;
