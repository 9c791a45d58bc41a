/** Commands on exchange rates, and the rate that an approval limit is compared with. */
import { type Command, requireVersion, type WithRate } from '../../shared/command.ts';
import type { Draft, EventFacts, Saved } from '../../shared/dynamo/entity-store.ts';
import type { Page, PageRequest } from '../../shared/dynamo/query.ts';
import type { Decision, PendingWrite, UnitOfWork } from '../../shared/dynamo/unit-of-work.ts';
import type { ExchangeRateRepository } from './exchange-rate.repository.ts';
import type { CreateExchangeRate, ExchangeRate, ExchangeRateQuery } from './exchange-rate.schema.ts';
import {
  approvedExchangeRate,
  newExchangeRate,
  type RatePair,
  rateOn,
  rejectedExchangeRate,
  withActiveRate,
} from './exchange-rate.ts';

export type RateAction = 'approve' | 'reject';

export interface ExchangeRateService {
  get(id: string): Promise<ExchangeRate>;
  list(query: ExchangeRateQuery, page: PageRequest): Promise<Page<Omit<ExchangeRate, 'audit'>>>;
  create(command: Command, body: CreateExchangeRate): Promise<ExchangeRate>;
  decide(command: Command, id: string, action: RateAction, reason: string | undefined): Promise<ExchangeRate>;
  /** Reads nothing for a person without a limit, or with one in the document's currency. */
  readonly withRate: WithRate;
}

export interface ExchangeRateServiceDeps {
  readonly repository: ExchangeRateRepository;
  readonly unitOfWork: UnitOfWork;
  /** In production a rate takes a second admin. */
  readonly secondAdmin: boolean;
  /** The company's calendar day. */
  readonly today: (now: Date) => Promise<string>;
}

export function createExchangeRateService(deps: ExchangeRateServiceDeps): ExchangeRateService {
  const { repository, unitOfWork, secondAdmin } = deps;
  const { exchangeRates } = repository;

  /** The rate with what it moves where it is active: the list of its pair, and the rate of the same day that it replaces. */
  async function decided(
    command: Command,
    saved: Saved<ExchangeRate>,
    pair: RatePair,
    today: string,
  ): Promise<Decision<ExchangeRate>> {
    const { entity, writes } = saved;
    if (entity.status !== 'active') return { result: entity, writes };
    const { rates, replaced } = withActiveRate(pair, entity, today);
    return {
      result: entity,
      writes: [...writes, repository.pairWrite(entity, pair, rates), ...(await supersede(command, replaced))],
    };
  }

  async function supersede(command: Command, id: string | undefined): Promise<readonly PendingWrite[]> {
    if (id === undefined) return [];
    const before = await exchangeRates.require(id);
    return exchangeRates.update(command, before, { ...before, status: 'superseded' }, { action: 'superseded' }).writes;
  }

  const decide = (
    command: Command,
    id: string,
    event: EventFacts,
    decision: (rate: ExchangeRate) => Draft<ExchangeRate>,
  ): Promise<ExchangeRate> =>
    unitOfWork.run(command, async () => {
      const before = await exchangeRates.require(id);
      requireVersion(command, 'exchange_rate', before.version);
      const saved = exchangeRates.update(command, before, decision(before), event);
      const [pair, today] = await Promise.all([repository.pair(before), deps.today(command.now)]);
      return decided(command, saved, pair, today);
    });

  return {
    get: (id) => exchangeRates.require(id),
    list: (query, page) => repository.list(query, page),
    create: (command, body) =>
      unitOfWork.run(command, async () => {
        const [pair, today] = await Promise.all([repository.pair(body), deps.today(command.now)]);
        const facts = { actorId: command.actor.id, now: command.now, secondAdmin, today, pair };
        const draft = newExchangeRate(command.ids.next('exchange_rate'), body, facts);
        return decided(command, exchangeRates.create(command, draft), pair, today);
      }),
    decide: (command, id, action, reason) =>
      decide(command, id, { action, reason }, (rate) =>
        action === 'approve' ? approvedExchangeRate(rate, command.actor.id) : rejectedExchangeRate(rate),
      ),
    async withRate(actor, currency, now) {
      const limit = actor.approval_limit;
      if (limit === undefined || limit.currency === currency) return actor;
      const [pair, today] = await Promise.all([
        repository.pair({ from: currency, to: limit.currency }),
        deps.today(now),
      ]);
      return { ...actor, approval_limit: { ...limit, rate: rateOn(pair, today) } };
    },
  };
}
