/** What the company decided, or what is shipped where it decided nothing; and the accounts it pays from. */
import { calendarDay } from '../../shared/clock.ts';
import { type Command, requireVersion } from '../../shared/command.ts';
import { type DateWindow, documentWindow } from '../../shared/date-window.ts';
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import type { Page, PageRequest } from '../../shared/dynamo/query.ts';
import type { PendingWrite, UnitOfWork } from '../../shared/dynamo/unit-of-work.ts';
import { DomainError } from '../../shared/errors.ts';
import type { Company, CompanyReply, UpdateCompany } from './company.schema.ts';
import {
  approvedCompany,
  type ChangeFacts,
  type CompanyFacts,
  changedCompany,
  newCompany,
  rejectedCompany,
  shippedCompany,
} from './company.ts';
import type {
  ApproveDebtorAccount,
  CreateDebtorAccount,
  DebtorAccount,
  DebtorAccountQuery,
  DebtorAccountSummary,
  UpdateDebtorAccount,
} from './debtor-account.schema.ts';
import {
  approvedDebtorAccount,
  changedDebtorAccount,
  newDebtorAccount,
  rejectedDebtorAccount,
} from './debtor-account.ts';
import type { ApprovalPolicy, MatchTolerances } from './policy.schema.ts';
import { SHIPPED_POLICY, type ToleranceTable, toleranceView } from './policy.ts';
import type { SettingsRepository } from './settings.repository.ts';

export type SecondAdminAction = 'approve' | 'reject';

export interface SettingsService {
  /** As shipped where unset; at most 10 seconds old. */
  companyFacts(): Promise<CompanyFacts>;
  /** The company's calendar day. */
  today(now: Date): Promise<string>;
  /** The days that a document may have. */
  documentWindow(now: Date): Promise<DateWindow>;
  /** Strongly consistent, with its full number; only an `active` one pays. @throws DomainError 404 */
  debtorAccount(id: string): Promise<DebtorAccount>;
  /** Holds a decision to the account as it was read; what it lost is decided again. */
  debtorAccountUnchanged(account: DebtorAccount): PendingWrite;
  company(): Promise<CompanyReply>;
  updateCompany(command: Command, body: UpdateCompany): Promise<CompanyReply>;
  decideCompany(command: Command, action: SecondAdminAction, reason: string | undefined): Promise<CompanyReply>;
  listDebtorAccounts(query: DebtorAccountQuery, page: PageRequest): Promise<Page<DebtorAccountSummary>>;
  createDebtorAccount(command: Command, body: CreateDebtorAccount): Promise<DebtorAccount>;
  updateDebtorAccount(command: Command, id: string, body: UpdateDebtorAccount): Promise<DebtorAccount>;
  /** @throws DomainError 422 for a wrong number; each is on record, and a person has three */
  approveDebtorAccount(command: Command, id: string, entered: ApproveDebtorAccount): Promise<DebtorAccount>;
  rejectDebtorAccount(command: Command, id: string, reason: string): Promise<DebtorAccount>;
  /** The account for a person who sees its number: on record with the reason before the reply. */
  revealDebtorAccount(command: Command, id: string, reason: string): Promise<DebtorAccount>;
  approvalPolicy(): ApprovalPolicy;
  matchTolerances(): MatchTolerances;
}

export interface SettingsServiceDeps {
  readonly repository: SettingsRepository;
  readonly unitOfWork: UnitOfWork;
  /** 24, in the embedded default 0. */
  readonly coolingHours: number;
  /** docs/rules.md#settings: in production debtor accounts and policy changes take a second admin. */
  readonly secondAdmin: boolean;
  /** The match is downstream: what it ships is given here to be shown. */
  readonly shippedTolerances: ToleranceTable;
}

const KEPT_MS = 10_000;

export function createSettingsService(deps: SettingsServiceDeps): SettingsService {
  const { repository, unitOfWork, secondAdmin } = deps;
  const shipped = shippedCompany(deps.coolingHours);
  let kept: { readonly facts: CompanyFacts; readonly until: number } | undefined;

  async function companyFacts(): Promise<CompanyFacts> {
    if (kept !== undefined && kept.until > Date.now()) return kept.facts;
    const facts = (await repository.company.get('company')) ?? shipped;
    kept = { facts, until: Date.now() + KEPT_MS };
    return facts;
  }

  const factsOf = (command: Command): ChangeFacts => ({ actorId: command.actor.id, now: command.now, secondAdmin });

  async function decideOnCompany(
    command: Command,
    event: { readonly action: string; readonly reason?: string | undefined },
    decide: (company: Draft<Company>) => Draft<Company>,
  ): Promise<CompanyReply> {
    const changed = await unitOfWork.run(command, async () => {
      const before = await repository.company.get('company');
      requireVersion(command, 'settings', before?.version ?? 0);
      const after = decide(before ?? newCompany(shipped, command.actor.id));
      const { entity, writes } =
        before === undefined
          ? repository.company.create(command, after, event)
          : repository.company.update(command, before, after, event);
      return { result: entity, writes };
    });
    kept = undefined;
    return changed;
  }

  const decideOnAccount = (
    command: Command,
    id: string,
    event: { readonly action: string; readonly reason?: string | undefined },
    decide: (account: DebtorAccount) => Draft<DebtorAccount>,
  ): Promise<DebtorAccount> =>
    unitOfWork.run(command, async () => {
      const before = await repository.debtorAccounts.require(id);
      requireVersion(command, 'debtor_account', before.version);
      const { entity, writes } = repository.debtorAccounts.update(command, before, decide(before), event);
      return { result: entity, writes };
    });

  return {
    companyFacts,
    async today(now) {
      return calendarDay(now, (await companyFacts()).time_zone);
    },
    async documentWindow(now) {
      const { time_zone, document_years_ahead } = await companyFacts();
      return documentWindow(calendarDay(now, time_zone), document_years_ahead);
    },
    debtorAccount: (id) => repository.debtorAccounts.require(id),
    debtorAccountUnchanged: ({ id, version }) =>
      repository.debtorAccounts.check(id, { kind: 'equals', attribute: 'version', value: version }),
    async company() {
      const stored = await repository.company.get('company');
      return stored ?? { id: 'company', version: 0, updated_at: null, ...shipped, proposed: null };
    },
    updateCompany: (command, body) =>
      decideOnCompany(command, { action: secondAdmin ? 'proposed' : 'updated' }, (company) =>
        changedCompany(company, body, factsOf(command)),
      ),
    decideCompany: (command, action, reason) =>
      decideOnCompany(command, { action, reason }, (company) =>
        action === 'approve' ? approvedCompany(company, command.actor.id) : rejectedCompany(company),
      ),
    listDebtorAccounts: (query, page) => repository.listDebtorAccounts(query, page),
    createDebtorAccount: (command, body) =>
      unitOfWork.run(command, async () => {
        const draft = newDebtorAccount(command.ids.next('debtor_account'), body, factsOf(command));
        const { entity, writes } = repository.debtorAccounts.create(command, draft);
        return { result: entity, writes };
      }),
    updateDebtorAccount: (command, id, body) =>
      decideOnAccount(command, id, { action: 'updated' }, (account) =>
        changedDebtorAccount(account, body, factsOf(command)),
      ),
    async approveDebtorAccount(command, id, entered) {
      const outcome = await unitOfWork.run<DebtorAccount | DomainError>(command, async () => {
        const before = await repository.debtorAccounts.require(id);
        requireVersion(command, 'debtor_account', before.version);
        const { account, refusal } = approvedDebtorAccount(before, entered, command.actor.id);
        const event = { action: refusal === undefined ? 'approve' : 'number_differs', reason: entered.reason };
        const { entity, writes } = repository.debtorAccounts.update(command, before, account, event);
        return refusal === undefined ? { result: entity, writes } : { result: refusal, writes, reply: 'none' };
      });
      if (outcome instanceof DomainError) throw outcome;
      return outcome;
    },
    rejectDebtorAccount: (command, id, reason) =>
      decideOnAccount(command, id, { action: 'reject', reason }, rejectedDebtorAccount),
    revealDebtorAccount: (command, id, reason) =>
      decideOnAccount(command, id, { action: 'revealed', reason }, (account) => account),
    approvalPolicy: () => SHIPPED_POLICY,
    matchTolerances: () => toleranceView(deps.shippedTolerances),
  };
}
