import t from 'tap';
import * as money from '../../src/shared/money.ts';

t.test('cash is rounded to the smallest coin', async (t) => {
  t.equal(money.cashRounding('HUF'), '2.5');
  t.equal(money.cashRounding('EUR'), undefined);
});

t.test('an amount is rendered with its currency’s minor digits, rounded half away from zero', (t) => {
  const cases = [
    ['850', 'EUR', '850.00'],
    ['2.005', 'EUR', '2.01'],
    ['-2.005', 'EUR', '-2.01'],
    ['2.004999', 'EUR', '2.00'],
    ['1234.5', 'JPY', '1235'],
    ['1.2345', 'KWD', '1.235'],
    ['-0.001', 'EUR', '0.00'],
    ['-0', 'JPY', '0'],
    ['999999999999999.99', 'EUR', '999999999999999.99'],
  ] as const;
  for (const [value, currency, rendered] of cases)
    t.equal(money.amount(value, currency), rendered, `${value} ${currency}`);
  t.throws(() => money.amount('1', 'ZZZ'), RangeError);
  t.equal(money.isCurrency('EUR'), true);
  t.equal(money.isCurrency('ZZZ'), false);
  t.equal(money.isListedCurrency('XTS'), true);
  t.equal(money.isListedCurrency('ZZZ'), false);
  t.equal(money.minorUnits('JPY'), 0);
  t.equal(money.fitsCurrency('1.10', 'EUR'), true);
  t.equal(money.fitsCurrency('1.105', 'EUR'), false);
  t.equal(money.sumAmounts(['0.1', '0.2', '-0.3'], 'EUR'), '0.00');
  t.end();
});

t.test(
  'a currency is one that people pay in: no funds code, metal, test code, unit of account or withdrawn code',
  (t) => {
    const refused =
      'BOV CHE CHW CLF COU MXV USN UYI UYW XAG XAU XPD XPT XBA XBB XBC XBD XDR XSU XUA XTS XXX ANG BGN ZZZ';
    for (const code of refused.split(' ')) t.equal(money.isCurrency(code), false, code);
    for (const code of 'EUR USD GBP CHF CLP UYU XCG XCD XAF XOF XPF JPY KWD'.split(' '))
      t.equal(money.isCurrency(code), true, code);
    t.equal(money.amount('1.5', 'XCG'), '1.50');
    t.equal(money.amount('1.5', 'ANG'), '1.50', 'what was stored in a withdrawn currency stays readable');
    t.end();
  },
);

t.test('a price or quantity has no trailing zeros, no exponent and at most 6 digits', (t) => {
  const cases = [
    ['2.50', '2.5'],
    ['100', '100'],
    ['0.000001', '0.000001'],
    ['0.0000005', '0.000001'],
    ['1e3', '1000'],
    ['-0.0000001', '0'],
  ] as const;
  for (const [value, rendered] of cases) t.equal(money.plain(value), rendered, value);
  t.end();
});

t.test('arithmetic is exact where floats are not', (t) => {
  t.equal(money.add('0.1', '0.2').toFixed(), '0.3');
  t.equal(money.subtract('1', '0.9', '0.1').toFixed(), '0');
  t.equal(money.multiply('1.005', '100').toFixed(), '100.5');
  t.equal(money.divide('10', '4').toFixed(), '2.5');
  t.equal(money.absolute('-3.2').toFixed(), '3.2');
  t.equal(money.smaller('2', '10').toFixed(), '2');
  t.equal(money.smaller('10', '2').toFixed(), '2');
  t.equal(money.larger('2', '10').toFixed(), '10');
  t.equal(money.larger('10', '2').toFixed(), '10');
  t.equal(money.roundAmount('0.125', 'EUR').toFixed(), '0.13');
  t.end();
});

t.test('comparisons see the value, not the way it is written', (t) => {
  t.same([money.compare('2', '10'), money.compare('2.0', '2'), money.compare('10', '2')], [-1, 0, 1]);
  t.same([money.equal('2.50', '2.5'), money.equal('2.5', '2.51')], [true, false]);
  t.same(['0.00', '-0', '0.01'].map(money.isZero), [true, true, false]);
  t.same(['-0.01', '0', '0.01'].map(money.isNegative), [true, false, false]);
  t.same(['-0.01', '0', '0.01'].map(money.isPositive), [false, false, true]);
  t.end();
});

t.test('what is more than nothing is told by the text as by the number', (t) => {
  const cases = [
    ['0', false],
    ['0.00', false],
    ['-0.000', false],
    ['-1.5', false],
    ['0.000001', true],
    ['10', true],
    ['100.50', true],
    ['007', true],
  ] as const;
  for (const [value, positive] of cases) {
    t.equal(money.isPositive(value), positive, value);
    t.equal(money.isPositive(money.big(value)), positive, `${value}, a number between two steps`);
  }
  t.end();
});
