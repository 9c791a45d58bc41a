/** Vendors that can be paid and approved invoices of theirs, written as their modules store them, without the steps before. */
import { createInvoiceRepository, type Invoice } from '../../src/modules/invoices/index.ts';
import { type BankAccount, createVendorRepository, type Vendor } from '../../src/modules/vendors/index.ts';
import { maskIban } from '../../src/shared/bank-account-number.ts';
import { type Command, idSource } from '../../src/shared/command.ts';
import type { Draft } from '../../src/shared/dynamo/entity-store.ts';
import { newId } from '../../src/shared/ids.ts';
import { permissionsOf } from '../../src/shared/permissions.ts';
import type { TestApi } from './api.ts';

export interface Payables {
  vendor(changes?: Partial<Draft<Vendor>>, account?: Partial<Draft<BankAccount>>): Promise<PayableVendor>;
  invoice(vendorId: string, changes?: Partial<Draft<Invoice>>): Promise<Invoice>;
  /** As stored now. */
  stored(invoiceId: string): Promise<Invoice>;
  changeInvoice(invoiceId: string, changes: Partial<Draft<Invoice>>): Promise<Invoice>;
  changeVendor(vendorId: string, changes: Partial<Draft<Vendor>>): Promise<Vendor>;
  changeAccount(accountId: string, changes: Partial<Draft<BankAccount>>): Promise<BankAccount>;
}

export interface PayableVendor {
  readonly id: string;
  readonly accountId: string;
}

export const DAY = '2026-01-31';

export function payables({ infrastructure, dependencies }: Pick<TestApi, 'infrastructure' | 'dependencies'>): Payables {
  const repository = createVendorRepository(infrastructure);
  const { invoices } = createInvoiceRepository(infrastructure);
  const { unitOfWork } = dependencies;
  const somebody = newId('user');
  const command = (): Command => ({
    actor: { id: somebody, roles: [], permissions: permissionsOf([]) },
    now: new Date(),
    request_id: 'test',
    dryRun: false,
    ids: idSource(),
  });
  let number = 0;
  const change = async <T>(load: () => Promise<T>, update: (before: T) => { entity: T; writes: readonly never[] }) => {
    let after: T | undefined;
    await unitOfWork.run(command(), async () => {
      const saved = update(await load());
      after = saved.entity;
      return { result: undefined, writes: saved.writes };
    });
    return after as T;
  };
  return {
    async vendor(changes = {}, accountChanges = {}) {
      number += 1;
      const account: Draft<BankAccount> = {
        id: newId('bank_account'),
        status: 'active',
        vendor_id: newId('vendor'),
        holder_name: 'Northwind Paper BV',
        country: 'NL',
        iban: 'NL91ABNA0417164300',
        bic: 'ABNANL2A',
        routing_number: null,
        account_number: null,
        approved_by: somebody,
        payable_from: '2020-01-01T00:00:00.000Z',
        created_by: somebody,
        ...accountChanges,
      };
      const { vendor_id, created_by, ...facts } = account;
      const summary = { ...facts, iban: facts.iban === null ? null : maskIban(facts.iban) };
      const cmd = command();
      await unitOfWork.run(cmd, async () => ({
        result: undefined,
        writes: [
          ...repository.accounts.create(cmd, account).writes,
          ...repository.vendors.create(cmd, {
            id: vendor_id,
            status: 'active',
            name: `Northwind Paper ${number} BV`,
            email: 'billing@northwind.example',
            phone: null,
            address: { line1: 'Keizersgracht 1', city: 'Amsterdam', postal_code: '1015 CJ', country: 'NL' },
            tax_id: null,
            payment_terms: 'NET 30',
            currency: 'EUR',
            discount_base: 'total',
            invoice_numbers_restart_yearly: false,
            bank_accounts: [summary],
            approved_by: somebody,
            changed_by: [],
            archived_from: null,
            created_by,
            ...changes,
          }).writes,
        ],
      }));
      return { id: vendor_id, accountId: account.id };
    },
    async invoice(vendorId, changes = {}) {
      number += 1;
      const total = changes.amount_due ?? '100.00';
      const draft: Draft<Invoice> = {
        id: newId('invoice'),
        status: 'approved',
        vendor_id: vendorId,
        po_id: null,
        invoice_number: `T-${number}`,
        type: 'invoice',
        credited_invoice_id: null,
        invoice_date: DAY,
        due_date: DAY,
        accounting_date: DAY,
        payment_terms: null,
        discount_date: null,
        discount_amount: null,
        currency: 'EUR',
        subtotal: total,
        tax_amount: '0.00',
        total_amount: total,
        prepaid_amount: '0.00',
        rounding_amount: '0.00',
        amount_due: total,
        open_amount: total,
        payable_amount: total,
        approved_by: somebody,
        notes: null,
        match: null,
        line_items: [],
        charges: [],
        allowances: [],
        tax_breakdown: [],
        differences: [],
        holds: [],
        approvals: [{ step: 'ap_manager', approved_by: somebody, approved_at: `${DAY}T10:00:00.000Z`, reason: null }],
        credits: [],
        takes: [],
        given: { due_date: null, accounting_date: null, payment_terms: null },
        number_claim: null,
        number_loose: `T${number}`,
        changed_by: [],
        created_by: somebody,
        ...changes,
      };
      const cmd = command();
      const saved = invoices.create(cmd, draft);
      await unitOfWork.run(cmd, async () => ({ result: undefined, writes: saved.writes }));
      return saved.entity;
    },
    stored: (id) => invoices.require(id),
    changeInvoice: (id, changes) =>
      change(
        () => invoices.require(id),
        (before) => invoices.update(command(), before, { ...before, ...changes }, { action: 'changed' }) as never,
      ),
    changeVendor: (id, changes) =>
      change(
        () => repository.vendors.require(id),
        (before) =>
          repository.vendors.update(command(), before, { ...before, ...changes }, { action: 'changed' }) as never,
      ),
    changeAccount: (id, changes) =>
      change(
        () => repository.accounts.require(id),
        (before) =>
          repository.accounts.update(command(), before, { ...before, ...changes }, { action: 'changed' }) as never,
      ),
  };
}
