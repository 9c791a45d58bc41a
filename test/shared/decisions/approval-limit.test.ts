import t from 'tap';
import { type ApprovalLimit, isWithinLimit, requireWithinLimit } from '../../../src/shared/decisions/approval-limit.ts';
import { refusalOf } from '../../../src/shared/errors.ts';

const limit = (amount: string, currency = 'EUR', rate?: readonly [string, string, string]): ApprovalLimit => ({
  amount,
  currency,
  rate: rate && { from: rate[0], to: rate[1], rate: rate[2], valid_from: '2026-01-01' },
});

t.test('a limit is inclusive, and reaches another currency by a rate in either direction', (t) => {
  const cases: readonly (readonly [string, ApprovalLimit | undefined, string, string, boolean])[] = [
    ['no limit', undefined, '1000000.00', 'EUR', true],
    ['exactly the limit', limit('100.00'), '100.00', 'EUR', true],
    ['a cent more', limit('100.00'), '100.01', 'EUR', false],
    ['another currency without a rate', limit('100.00', 'USD'), '1.00', 'EUR', false],
    ['at the direct rate', limit('100.00', 'EUR', ['USD', 'EUR', '0.8']), '125.00', 'USD', true],
    ['beyond at the direct rate', limit('100.00', 'EUR', ['USD', 'EUR', '0.8']), '125.01', 'USD', false],
    ['at the inverse rate', limit('100.00', 'EUR', ['EUR', 'USD', '1.25']), '125.00', 'USD', true],
    ['beyond at the inverse rate', limit('100.00', 'EUR', ['EUR', 'USD', '1.25']), '125.01', 'USD', false],
    ['nothing is rounded', limit('100.00', 'EUR', ['USD', 'EUR', '0.333333']), '300.01', 'USD', false],
    ['no digits after the point', limit('100.00', 'EUR', ['EUR', 'JPY', '171.5']), '17150', 'JPY', true],
    ['a rate of another pair', limit('100.00', 'EUR', ['GBP', 'EUR', '0.1']), '1.00', 'USD', false],
    ['the limit’s own currency needs no rate', limit('100.00', 'EUR', ['EUR', 'USD', '9']), '100.01', 'EUR', false],
  ];
  for (const [title, given, total, currency, within] of cases) {
    t.equal(isWithinLimit(given, total, currency), within, title);
    const code = refusalOf(() => requireWithinLimit('payment', given, total, currency))?.code;
    t.equal(code, within ? undefined : 'payment.over-approval-limit', title);
  }
  t.end();
});

t.test('a refusal says the amount in both currencies, the rate and since when it is valid', (t) => {
  const detail = (given: ApprovalLimit, currency: string) =>
    refusalOf(() => requireWithinLimit('invoice', given, '200.00', currency))?.message;
  t.match(detail(limit('100.00'), 'EUR'), /200\.00 EUR; your approval limit is 100\.00 EUR/);
  t.match(detail(limit('100.00', 'GBP'), 'EUR'), /no rate between them/);
  const direct = detail(limit('100.00', 'EUR', ['USD', 'EUR', '0.8']), 'USD');
  t.match(direct, /200\.00 USD, which is 160\.00 EUR \(1 USD = 0\.8 EUR since 2026-01-01\).*100\.00 EUR/);
  t.match(detail(limit('100.00', 'EUR', ['EUR', 'USD', '1.25']), 'USD'), /which is 160\.00 EUR \(1 EUR = 1\.25 USD/);
  t.end();
});
