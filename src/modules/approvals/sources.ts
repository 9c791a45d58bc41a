/** How each kind takes part in what waits: its table, its statuses, who may decide, and what of it a person is shown. */
import type { VendorService } from '../vendors/index.ts';
import { mayApproveVendor } from '../vendors/index.ts';
import type { ApprovalSource } from './approval.service.ts';

export interface ApprovalSourcesDeps {
  readonly vendors: VendorService;
}

export const approvalSources = ({ vendors }: ApprovalSourcesDeps): readonly ApprovalSource[] => [
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
