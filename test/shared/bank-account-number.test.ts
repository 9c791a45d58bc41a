import t from 'tap';
import {
  accountNumberFindings,
  bicFindings,
  ibanFindings,
  isIban,
  isSepaAccount,
  maskAccountNumber,
  maskIban,
  normaliseAccountNumber,
  routingNumberFindings,
} from '../../src/shared/bank-account-number.ts';

const EXAMPLES = [
  'DE89370400440532013000',
  'GB29NWBK60161331926819',
  'FR1420041010050500013M02606',
  'NL91ABNA0417164300',
  'BE68539007547034',
  'NO9386011117947',
  'MT84MALT011000012345MTLCAST001S',
];

t.test('an example IBAN of the registry has no finding', async (t) => {
  for (const iban of EXAMPLES) t.strictSame(ibanFindings(iban), [], iban);
  for (const iban of EXAMPLES) t.ok(isIban(iban), iban);
});

t.test('a wrong IBAN says what is wrong, once, at the given pointer', async (t) => {
  const cases: [string, RegExp][] = [
    ['', /missing/],
    ['XX12345678901234', /No country.*"XX"/],
    ['US12345678901234', /No country.*"US"/],
    ['DE8937040044053201300', /another length than 21/],
    ['DE893704004405320130000', /another length than 23/],
    ['DE8937040044053201300A', /other places/],
    ['DEAA370400440532013000', /other places/],
    ['DE89370400440532013001', /mod 97/],
    ['DE98370400440532013000', /mod 97/],
    ['de89370400440532013000', /No country/],
    ['DE89 3704 0044 0532 0130 00', /another length/],
  ];
  for (const [iban, detail] of cases) {
    const findings = ibanFindings(iban, '/debtor/iban');
    t.match(findings, [{ pointer: '/debtor/iban', detail, rule: 'ISO-13616' }], iban);
    t.equal(findings.length, 1, iban);
    t.notOk(isIban(iban), iban);
  }
  t.equal(ibanFindings('XX')[0]?.pointer, '/iban');
});

t.test('every single wrong digit and every swap of neighbours is found by mod 97', async (t) => {
  const iban = 'DE89370400440532013000';
  for (let place = 4; place < iban.length; place++) {
    const digit = String((Number(iban[place]) + 1) % 10);
    t.notOk(isIban(iban.slice(0, place) + digit + iban.slice(place + 1)), `digit at ${place}`);
    const swapped = iban.slice(0, place - 1) + iban[place] + iban[place - 1] + iban.slice(place + 1);
    t.equal(isIban(swapped), swapped === iban, `swap at ${place}`);
  }
});

t.test('national check digits inside a valid IBAN are not held', async (t) => {
  t.strictSame(ibanFindings('NO6686011117948'), []);
});

t.test('the SEPA area is known with the countries that joined lately', async (t) => {
  for (const country of ['DE', 'CH', 'GB', 'AL', 'MD', 'ME', 'MK', 'RS']) t.ok(isSepaAccount(`${country}00`), country);
  for (const country of ['BR', 'TR', 'XX', 'UA']) t.notOk(isSepaAccount(`${country}00`), country);
});

t.test('a BIC has the form of its message version', async (t) => {
  const cases: [string, boolean, boolean][] = [
    ['COBADEFF', true, true],
    ['COBADEFFXXX', true, true],
    ['NWBKGB2L', true, true],
    ['E097AEXX', false, true],
    ['ABNANL1A', false, true],
    ['ABNANL2O', false, true],
    ['COBADEF', false, false],
    ['COBADEFFX', false, false],
    ['COBA12FF', false, false],
    ['cobadeff', false, false],
    ['COBADEFFXXXX', false, false],
    ['COBADEFF\n', false, false],
    ['', false, false],
  ];
  for (const [bic, old, current] of cases) {
    t.equal(bicFindings(bic, '/bic', 'BIC').length === 0, old, `${bic} as BIC`);
    t.equal(bicFindings(bic).length === 0, current, `${bic} as BICFI`);
  }
  t.match(bicFindings('?', '/debtor/bic'), [{ pointer: '/debtor/bic', detail: /8 or 11/, rule: 'BICFI' }]);
});

t.test('a routing number has nine digits, a district and a check digit', async (t) => {
  for (const number of ['021000021', '111000025', '121000358', '322271627', '011401533']) {
    t.strictSame(routingNumberFindings(number), [], number);
  }
  const cases: [string, RegExp][] = [
    ['', /exactly 9/],
    ['02100002', /exactly 9/],
    ['0210000210', /exactly 9/],
    ['02100002A', /exactly 9/],
    ['٠٢١٠٠٠٠٢١', /exactly 9/],
    ['000000000', /starts so/],
    ['400000008', /starts so/],
    ['130000008', /starts so/],
    ['021000022', /check digit/],
    ['201000021', /starts so/],
    ['021000012', /check digit/],
  ];
  for (const [number, detail] of cases) {
    t.match(routingNumberFindings(number), [{ pointer: '/routing_number', detail, rule: 'ABA' }], number);
  }
});

t.test('a US account number has up to 17 letters, digits and hyphens', async (t) => {
  for (const number of ['1', '000123456789', '12-345', 'AB123', '12345678901234567']) {
    t.strictSame(accountNumberFindings(number), [], number);
  }
  for (const number of ['', '123456789012345678', '12 34', 'ä']) {
    t.match(accountNumberFindings(number, '/a'), [{ pointer: '/a', rule: 'Nacha' }], number);
  }
});

t.test('normalising takes white space away and makes upper case', async (t) => {
  t.equal(normaliseAccountNumber(' de89 3704\u00a00044\t0532 0130\n00 '), 'DE89370400440532013000');
});

t.test('masking keeps country and last four at one length', async (t) => {
  t.equal(maskIban('DE89370400440532013000'), 'DE** **** 3000');
  t.equal(maskIban('de89 3704 0044 0532 0130 00'), 'DE** **** 3000');
  t.equal(maskIban('NO9386011117947'), 'NO** **** 7947');
  t.equal(maskIban('DE8937'), '**** **** ****');
  t.equal(maskAccountNumber('000123456789'), '**** **** 6789');
  t.equal(maskAccountNumber('1234567'), '**** **** ****');
  t.equal(maskAccountNumber(''), '**** **** ****');
  t.equal(new Set(EXAMPLES.map((iban) => maskIban(iban).length)).size, 1);
});
