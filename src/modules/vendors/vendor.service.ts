/** Commands on vendors and their bank accounts: load, decide, commit in one unit of work. */
import { type Command, requireVersion } from '../../shared/command.ts';
import type { EventFacts, Saved } from '../../shared/dynamo/entity-store.ts';
import type { Page, PageRequest } from '../../shared/dynamo/query.ts';
import type { PendingWrite, UnitOfWork } from '../../shared/dynamo/unit-of-work.ts';
import { conflictError, DomainError, notFound, ruleError } from '../../shared/errors.ts';
import type { ApproveBankAccount, BankAccount, BankAccountQuery, ProposeBankAccount } from './bank-account.schema.ts';
import {
  type ApprovalFacts,
  approvedAccount,
  isLive,
  MAX_ACCOUNTS,
  mayApproveAccount,
  mayBeSameNumber,
  proposedAccount,
  proposedAgain,
  rejectedAccount,
  revokedAccount,
  supersededAccount,
  withAccount,
} from './bank-account.ts';
import type { VendorRepository } from './vendor.repository.ts';
import type { CreateVendor, UpdateVendor, Vendor, VendorQuery, VendorSummary } from './vendor.schema.ts';
import { changedVendor, decideVendor, newVendor, type VendorAction } from './vendor.ts';

export interface VendorServiceDeps {
  readonly repository: VendorRepository;
  readonly unitOfWork: UnitOfWork;
  /** Hours between an account's approval and its first payment (`/settings/company`). */
  readonly coolingHours: () => Promise<number>;
  /** People who made payments to this vendor that are still open; payments are downstream, so they are asked through this port. */
  readonly openPaymentMakers: (vendorId: string) => Promise<ReadonlySet<string>>;
  /** Orders are downstream too. */
  readonly openOrders: (vendorId: string) => Promise<OpenOrders>;
}

export interface OpenOrders {
  /** Some of them where there are many. */
  readonly open: readonly { readonly id: string; readonly po_number: string; readonly status: string }[];
  /** No other order of the vendor was opened since: what fails it is decided again. */
  readonly unchanged: PendingWrite;
}

export interface VendorService {
  get(id: string): Promise<Vendor>;
  list(query: VendorQuery, page: PageRequest): Promise<Page<VendorSummary>>;
  create(command: Command, body: CreateVendor): Promise<Vendor>;
  update(command: Command, id: string, body: UpdateVendor): Promise<Vendor>;
  remove(command: Command, id: string): Promise<undefined>;
  act(command: Command, id: string, action: VendorAction, reason: string | undefined): Promise<Vendor>;
  getAccount(vendorId: string, accountId: string): Promise<BankAccount>;
  listAccounts(vendorId: string, query: BankAccountQuery, page: PageRequest): Promise<Page<BankAccount>>;
  /** Whether it waits, and for this person. */
  mayApproveAccount(account: BankAccount, actorId: string): Promise<boolean>;
  proposeAccount(command: Command, vendorId: string, body: ProposeBankAccount): Promise<BankAccount>;
  /** @throws DomainError 422 for a wrong number; each is on record, and a person has three */
  approveAccount(command: Command, ids: AccountIds, entered: ApproveBankAccount): Promise<BankAccount>;
  endAccount(
    command: Command,
    ids: AccountIds,
    action: 'reject' | 'revoke',
    reason: string | undefined,
  ): Promise<BankAccount>;
  /** The account for a person who sees its numbers: on record with the reason before the reply. */
  revealAccount(command: Command, ids: AccountIds, reason: string): Promise<BankAccount>;
}

/** Orders that a refusal names one by one. */
const MOST_NAMED = 50;

export interface AccountIds {
  readonly vendorId: string;
  readonly accountId: string;
}

export function createVendorService(deps: VendorServiceDeps): VendorService {
  const { repository, unitOfWork } = deps;
  const { vendors, accounts } = repository;

  async function getAccount(vendorId: string, accountId: string): Promise<BankAccount> {
    const account = await accounts.get(accountId);
    if (account === undefined || account.vendor_id !== vendorId) throw notFound('bank_account', accountId);
    return account;
  }

  /** The vendor moves with each of its accounts: its list is part of what an approver sees. */
  function withVendor(
    command: Command,
    vendor: Vendor,
    saved: readonly Saved<BankAccount>[],
    event: EventFacts,
  ): readonly PendingWrite[] {
    let list = vendor;
    for (const { entity } of saved) list = { ...list, bank_accounts: [...withAccount(list, entity)] };
    return [...saved.flatMap(({ writes }) => writes), ...vendors.update(command, vendor, list, event).writes];
  }

  /** What moves with a vendor beside its own item. */
  const besideWrites = (before: Vendor, after: Vendor): readonly PendingWrite[] => [
    ...repository.taxIdWrites(before, after),
    ...repository.waitingWrites(before, after),
  ];

  async function noOpenOrder(vendorId: string): Promise<PendingWrite> {
    const { open, unchanged } = await deps.openOrders(vendorId);
    if (open.length === 0) return unchanged;
    throw conflictError(
      'vendor.open-orders',
      'The vendor has open orders. Close or cancel them before it is archived.',
      open.slice(0, MOST_NAMED).map(({ id, po_number, status }) => ({
        pointer: '',
        detail: `Order ${po_number} (${id}) is ${status}`,
      })),
    );
  }

  return {
    get: (id) => vendors.require(id),
    list: (query, page) => repository.list(query, page),
    create: (command, body) =>
      unitOfWork.run(command, async () => {
        const draft = newVendor(command.ids.next('vendor'), body, command.actor.id);
        const { entity, writes } = vendors.create(command, draft);
        return { result: entity, writes: [...writes, ...repository.taxIdWrites(undefined, entity)] };
      }),
    update: (command, id, body) =>
      unitOfWork.run(command, async () => {
        const before = await vendors.require(id);
        requireVersion(command, 'vendor', before.version);
        const after = changedVendor(before, body, { actorId: command.actor.id, now: command.now });
        const { entity, writes } = vendors.update(command, before, after, { action: 'updated' });
        return { result: entity, writes: [...writes, ...besideWrites(before, entity)] };
      }),
    remove: (command, id) =>
      unitOfWork.run(command, async () => {
        const before = await vendors.require(id);
        requireVersion(command, 'vendor', before.version);
        const inUse = () =>
          conflictError('vendor.in-use', 'Orders, invoices or bank accounts refer to this vendor. Archive it instead.');
        if (before.bank_accounts.length > 0) throw inUse();
        const writes = [
          ...vendors.remove(command, before, { action: 'deleted' }),
          repository.unreferenced(id, inUse),
          ...repository.taxIdWrites(before, { id, tax_id: null }),
          ...repository.waitingWrites(before, undefined),
        ];
        return { result: undefined, writes };
      }),
    act: (command, id, action, reason) =>
      unitOfWork.run(command, async () => {
        const before = await vendors.require(id);
        requireVersion(command, 'vendor', before.version);
        const after = decideVendor(before, action, command.actor.id);
        const guard = action === 'archive' ? [await noOpenOrder(id)] : [];
        const { entity, writes } = vendors.update(command, before, after, { action, reason });
        return { result: entity, writes: [...writes, ...guard, ...besideWrites(before, entity)] };
      }),
    getAccount,
    async listAccounts(vendorId, query, page) {
      await vendors.require(vendorId);
      return repository.listAccounts(vendorId, query, page);
    },
    async mayApproveAccount(account, actorId) {
      if (account.status !== 'proposed') return false;
      return mayApproveAccount(account, {
        actorId,
        openPaymentMakers: await deps.openPaymentMakers(account.vendor_id),
      });
    },
    proposeAccount: (command, vendorId, body) =>
      unitOfWork.run(command, async () => {
        const vendor = await vendors.require(vendorId);
        if (vendor.bank_accounts.filter(isLive).length >= MAX_ACCOUNTS)
          throw ruleError(
            'bank_account.too-many',
            `A vendor has at most ${MAX_ACCOUNTS} proposed and active bank accounts. Reject or revoke those that are not used.`,
          );
        const draft = proposedAccount(command.ids.next('bank_account'), vendor, body, command.actor.id);
        const listed = vendor.bank_accounts.filter((summary) => mayBeSameNumber(draft, summary));
        const earlier = await Promise.all(listed.map(({ id }) => accounts.require(id)));
        const saved = accounts.create(command, proposedAgain(draft, earlier), { action: 'proposed' });
        return {
          result: saved.entity,
          writes: withVendor(command, vendor, [saved], { action: 'bank_account_proposed' }),
        };
      }),
    async approveAccount(command, ids, entered) {
      const outcome = await unitOfWork.run<BankAccount | DomainError>(command, async () => {
        const { vendor, account } = await loadAccount(command, ids);
        const facts = await approvalFacts(command, account);
        const { account: decided, refusal } = approvedAccount(account, entered, facts);
        const { reason } = entered;
        if (refusal !== undefined) {
          const { writes } = accounts.update(command, account, decided, { action: 'number_differs', reason });
          return { result: refusal, writes, reply: 'none' };
        }
        const saved = accounts.update(command, account, decided, { action: 'approve', reason });
        const replaced = await supersede(command, vendor);
        const event = { action: 'bank_account_approve', reason };
        return { result: saved.entity, writes: withVendor(command, vendor, [saved, ...replaced], event) };
      });
      if (outcome instanceof DomainError) throw outcome;
      return outcome;
    },
    endAccount: (command, ids, action, reason) =>
      unitOfWork.run(command, async () => {
        const { vendor, account } = await loadAccount(command, ids);
        const decided = action === 'reject' ? rejectedAccount(account) : revokedAccount(account);
        const saved = accounts.update(command, account, decided, { action, reason });
        const event = { action: `bank_account_${action}`, reason };
        return { result: saved.entity, writes: withVendor(command, vendor, [saved], event) };
      }),
    revealAccount: (command, ids, reason) =>
      unitOfWork.run(command, async () => {
        const account = await getAccount(ids.vendorId, ids.accountId);
        requireVersion(command, 'bank_account', account.version);
        const { entity, writes } = accounts.update(command, account, account, { action: 'revealed', reason });
        return { result: entity, writes };
      }),
  };

  async function loadAccount(command: Command, { vendorId, accountId }: AccountIds) {
    const [vendor, account] = await Promise.all([vendors.require(vendorId), getAccount(vendorId, accountId)]);
    requireVersion(command, 'bank_account', account.version);
    return { vendor, account };
  }

  async function approvalFacts({ actor, now }: Command, { vendor_id }: BankAccount): Promise<ApprovalFacts> {
    const [coolingHours, openPaymentMakers] = await Promise.all([
      deps.coolingHours(),
      deps.openPaymentMakers(vendor_id),
    ]);
    return { actorId: actor.id, now, coolingHours, openPaymentMakers };
  }

  /** A vendor is paid to one account: the one approved last. */
  async function supersede(command: Command, vendor: Vendor): Promise<readonly Saved<BankAccount>[]> {
    const active = vendor.bank_accounts.filter(({ status }) => status === 'active');
    const replaced = await Promise.all(active.map(({ id }) => accounts.require(id)));
    return replaced.map((account) =>
      accounts.update(command, account, supersededAccount(account), { action: 'superseded' }),
    );
  }
}
