/** A dated rate between two currencies, by which approval limits are compared with documents in another currency. */
import { type Static, Type } from '@sinclair/typebox';
import {
  AuditHeadSchema,
  CalendarDate,
  CurrencyCode,
  ExchangeRateValue,
  entityFields,
  Id,
  Nullable,
  pageOf,
  pageQuery,
  Strict,
} from '../../shared/http/schemas.ts';

const EXCHANGE_RATE_STATUSES = ['proposed', 'active', 'superseded', 'rejected'] as const;
const Status = Type.Union(EXCHANGE_RATE_STATUSES.map((status) => Type.Literal(status)));

const facts = {
  from: CurrencyCode,
  to: CurrencyCode,
  rate: ExchangeRateValue,
  valid_from: CalendarDate,
};

const shown = { ...entityFields('exchange_rate'), status: Status, ...facts, approved_by: Nullable(Id('user')) };

export const ExchangeRateRecord = Type.Object({ ...shown, audit: AuditHeadSchema });
export type ExchangeRate = Static<typeof ExchangeRateRecord>;

export const ExchangeRateReply = Type.Object(shown, {
  $id: 'ExchangeRate',
  description: 'One unit of `from` is `rate` units of `to`, from `valid_from` until the next rate of the pair',
});
export const ExchangeRatePage = pageOf(ExchangeRateReply, 'ExchangeRatePage');

export const CreateExchangeRate = Strict(facts, {
  $id: 'CreateExchangeRate',
  examples: [{ from: 'EUR', to: 'USD', rate: '1.1626', valid_from: '2026-12-01' }],
});
export type CreateExchangeRate = Static<typeof CreateExchangeRate>;

export const ExchangeRateQuery = Strict({
  ...pageQuery,
  status: Type.Optional(Status),
  from: Type.Optional(CurrencyCode),
  to: Type.Optional(CurrencyCode),
});
export type ExchangeRateQuery = Static<typeof ExchangeRateQuery>;
