/** How each kind takes part in what waits: its table, its statuses, who may decide, and what of it a person is shown. */
import { type InvoiceService, mayApproveNow } from '../invoices/index.ts';
import type { VendorService } from '../vendors/index.ts';
import { mayApproveVendor } from '../vendors/index.ts';
import type { ApprovalSource } from './approval.service.ts';

export interface ApprovalSourcesDeps {
  readonly vendors: VendorService;
  readonly invoices: InvoiceService;
}

export const approvalSources = ({ vendors, invoices }: ApprovalSourcesDeps): readonly ApprovalSource[] => [
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
  {
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
  },
];
