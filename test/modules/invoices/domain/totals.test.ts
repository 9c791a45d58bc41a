import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { XMLParser } from 'fast-xml-parser';
import t from 'tap';
import { recomputeTotals, type StatedInvoice } from '../../../../src/modules/invoices/domain/totals.ts';
import { add, equal, isNegative } from '../../../../src/shared/money.ts';
import { orderTotals } from '../../../../src/shared/order-totals.ts';

const line = { quantity: '10', unit_price: '2.50', tax_rate: '21', amount: '25.00' };
const invoice: StatedInvoice = {
  currency: 'EUR',
  line_items: [line, { quantity: '1', unit_price: '75', tax_rate: '21', amount: '75.00' }],
  subtotal: '100.00',
  tax_amount: '21.00',
  total_amount: '121.00',
};
const breakdown = [{ tax_rate: '21', taxable_amount: '100.00', tax_amount: '21.00' }];

t.test('an invoice that adds up has nothing to say', async (t) => {
  t.strictSame(recomputeTotals(invoice), {
    subtotal: '100.00',
    tax_breakdown: breakdown,
    tax_amount: '21.00',
    total_amount: '121.00',
    amount_due: '121.00',
    findings: [],
    warnings: [],
    differences: [],
  });
});

t.test('charges, allowances, a prepayment and rounding are part of the sum', async (t) => {
  const totals = recomputeTotals({
    ...invoice,
    charges: [{ amount: '10.00', tax_rate: '21' }],
    allowances: [
      { amount: '5.00', tax_rate: '21' },
      { amount: '5.00', tax_rate: '0', tax_category: 'Z' },
    ],
    subtotal: '100.00',
    tax_amount: '22.05',
    total_amount: '122.05',
    prepaid_amount: '22.00',
    rounding_amount: '-0.05',
  });
  t.match(totals, { subtotal: '100.00', tax_amount: '22.05', total_amount: '122.05', amount_due: '100.00' });
  t.strictSame(totals.findings, []);
  t.strictSame(totals.tax_breakdown, [
    { tax_rate: '21', taxable_amount: '105.00', tax_amount: '22.05' },
    { tax_category: 'Z', tax_rate: '0', taxable_amount: '-5.00', tax_amount: '0.00' },
  ]);
});

t.test('a document that contradicts itself is refused, with every place and rule', async (t) => {
  const cases: readonly (readonly [
    string,
    Partial<StatedInvoice>,
    readonly (readonly [string, string | undefined])[],
  ])[] = [
    ['subtotal', { subtotal: '100.01', total_amount: '121.01' }, [['/subtotal', 'BR-CO-13']]],
    ['total', { total_amount: '121.01' }, [['/total_amount', 'BR-CO-15']]],
    ['tax without a breakdown', { tax_amount: '22.01', total_amount: '122.01' }, [['/tax_amount', 'BR-CO-17']]],
    [
      'tax against the breakdown',
      { tax_breakdown: breakdown, tax_amount: '21.01', total_amount: '121.01' },
      [['/tax_amount', 'BR-CO-14']],
    ],
    [
      'tax of a category',
      {
        tax_breakdown: [{ tax_rate: '21', taxable_amount: '100.00', tax_amount: '22.01' }],
        tax_amount: '22.01',
        total_amount: '122.01',
      },
      [
        ['/tax_breakdown/0/tax_amount', 'BR-CO-17'],
        ['/tax_amount', 'BR-CO-17'],
      ],
    ],
    [
      'base of a category',
      { tax_breakdown: [{ tax_rate: '21.0', taxable_amount: '98.90', tax_amount: '21.00' }] },
      [['/tax_breakdown/0/taxable_amount', 'BR-S-08']],
    ],
    [
      'a category the breakdown lacks',
      {
        line_items: invoice.line_items.map((each) => ({ ...each, tax_category: 'K', tax_rate: '0' })),
        tax_breakdown: [{ tax_category: 'E', tax_rate: '0', taxable_amount: '100.00', tax_amount: '0.00' }],
        tax_amount: '0',
        total_amount: '100',
      },
      [
        ['/tax_breakdown/0/taxable_amount', 'BR-E-08'],
        ['/tax_breakdown', 'BR-IC-08'],
      ],
    ],
    [
      'categories of islands',
      {
        line_items: [
          { ...line, tax_category: 'L', tax_rate: '0' },
          { ...line, tax_category: 'M', tax_rate: '0' },
        ],
        tax_breakdown: [],
        subtotal: '50',
        tax_amount: '0',
        total_amount: '50',
      },
      [
        ['/tax_breakdown', 'BR-AF-08'],
        ['/tax_breakdown', 'BR-AG-08'],
      ],
    ],
    ['prepaid', { prepaid_amount: '121.01' }, [['/prepaid_amount', undefined]]],
    [
      'a negative total',
      {
        line_items: [{ ...line, quantity: '-10', amount: '-25' }],
        subtotal: '-25',
        tax_amount: '-5.25',
        total_amount: '-30.25',
      },
      [['/total_amount', undefined]],
    ],
    [
      'base quantity',
      {
        line_items: [{ ...line, price_base_quantity: '0' }],
        subtotal: '25',
        tax_amount: '5.25',
        total_amount: '30.25',
      },
      [['/line_items/0/price_base_quantity', 'PEPPOL-EN16931-R121']],
    ],
    [
      'all at once',
      { subtotal: '99.00', tax_amount: '30.00', total_amount: '0.00' },
      [
        ['/subtotal', 'BR-CO-13'],
        ['/tax_amount', 'BR-CO-17'],
        ['/total_amount', 'BR-CO-15'],
      ],
    ],
  ];
  for (const [title, change, expected] of cases) {
    const { findings } = recomputeTotals({ ...invoice, ...change });
    t.strictSame(
      findings.map((each) => [each.pointer, each.rule]),
      expected,
      title,
    );
  }
});

t.test('a difference tells what is stated, what is derived and how far they are apart', async (t) => {
  const { findings, differences } = recomputeTotals({ ...invoice, total_amount: '120.995' });
  t.strictSame(differences, [
    { pointer: '/total_amount', rule: 'BR-CO-15', stated: '120.995', derived: '121.00', difference: '-0.005' },
  ]);
  t.match(findings, [
    { pointer: '/total_amount', detail: 'The amount has more digits than EUR has.' },
    { pointer: '/total_amount', detail: /120\.995 is stated, 121\.00 is derived/ },
  ]);
});

t.test('what rounding explains is a warning, stored beside and not refused', async (t) => {
  for (const [title, change, pointer, rule] of [
    ['tax of all lines', { tax_amount: '20.00', total_amount: '120.00' }, '/tax_amount', 'BR-CO-17'],
    [
      'tax of a category',
      {
        tax_breakdown: [{ tax_rate: '21', taxable_amount: '100.00', tax_amount: '22.00' }],
        tax_amount: '22.00',
        total_amount: '122.00',
      },
      '/tax_breakdown/0/tax_amount',
      'BR-CO-17',
    ],
    [
      'base of a category',
      { tax_breakdown: [{ tax_rate: '21', taxable_amount: '99.99', tax_amount: '21.00' }] },
      '/tax_breakdown/0/taxable_amount',
      'BR-S-08',
    ],
    [
      'line amount',
      {
        line_items: [
          { ...line, unit_price: '3' },
          { quantity: '1', unit_price: '75', tax_rate: '21', amount: '75.00' },
        ],
      },
      '/line_items/0/amount',
      'PEPPOL-EN16931-R120',
    ],
  ] as const) {
    const { findings, warnings, differences } = recomputeTotals({ ...invoice, ...change });
    t.strictSame(findings, [], title);
    t.match(warnings, [{ pointer, rule }], title);
    t.match(differences, [{ pointer, rule }], title);
  }
});

t.test(
  'a line whose amount is not its price times its quantity is shown, also where rounding explains it',
  async (t) => {
    const within = {
      ...invoice,
      line_items: [{ ...line, amount: '25.02' }],
      subtotal: '25.02',
      tax_amount: '5.25',
      total_amount: '30.27',
    };
    const { findings, differences } = recomputeTotals(within);
    t.strictSame(findings, []);
    t.strictSame(
      differences.map(({ pointer, difference }) => [pointer, difference]),
      [['/line_items/0/amount', '0.02']],
    );
  },
);

t.test('a rounding of the amount due is shown as a difference', async (t) => {
  const { findings, differences } = recomputeTotals({ ...invoice, rounding_amount: '-0.40' });
  t.strictSame(findings, []);
  t.strictSame(differences, [
    { pointer: '/rounding_amount', rule: 'BR-CO-16', stated: '-0.40', derived: '0.00', difference: '-0.40' },
  ]);
});

t.test('a tax is tolerated once per document, with its sign, and only on a base that has a rate', async (t) => {
  const untaxed = { ...line, tax_rate: '0', amount: '1.00', quantity: '1', unit_price: '1' };
  const categories = Array.from({ length: 90 }, (_, index) => ({
    tax_category: `A${String.fromCharCode(65 + Math.floor(index / 26), 65 + (index % 26))}`,
    tax_rate: '0',
    taxable_amount: '1.00',
    tax_amount: '1.00',
  }));
  const two = [line, { ...line, tax_rate: '6' }];
  const cases: readonly (readonly [string, Partial<StatedInvoice>, boolean])[] = [
    [
      '90 categories at 0 percent',
      documentOf(
        categories.map((each) => ({ ...untaxed, ...each, amount: '1.00' })),
        '90',
      ),
      false,
    ],
    [
      'the same with a breakdown',
      {
        ...documentOf(
          categories.map((each) => ({ ...untaxed, ...each, amount: '1.00' })),
          '90',
        ),
        tax_breakdown: categories,
      },
      false,
    ],
    ['no rate at all', documentOf([untaxed], '1.00'), false],
    ['the opposite sign', documentOf([{ ...untaxed, tax_rate: '21' }], '-0.50'), false],
    ['nothing stated of a little tax', documentOf([{ ...untaxed, tax_rate: '21' }], '0'), true],
    ['1.00 over two rates', documentOf(two, '7.75'), true],
    ['more than 1.00 over two rates', documentOf(two, '7.76'), false],
    ['0.50 in each of two categories', { ...documentOf(two, '7.75'), tax_breakdown: rated('5.75', '2.00') }, true],
    ['0.60 in each of two categories', { ...documentOf(two, '7.95'), tax_breakdown: rated('5.85', '2.10') }, false],
    ['0.60 more and 0.60 less', { ...documentOf(two, '6.75'), tax_breakdown: rated('5.85', '0.90') }, false],
    ['a credit of its own sign', { ...documentOf(two, '7.25'), tax_breakdown: rated('5.75', '1.50') }, true],
  ];
  for (const [title, change, taken] of cases) {
    const { findings, differences } = recomputeTotals({ currency: 'EUR', ...change } as StatedInvoice);
    t.equal(findings.length === 0, taken, `${title} ${JSON.stringify(findings)}`);
    if (taken) t.ok(differences.length > 0, `${title} is shown`);
  }
});

/** A document whose totals follow from its lines and the tax that is stated. */
const documentOf = (line_items: StatedInvoice['line_items'], tax_amount: string) => {
  const subtotal = add(...line_items.map(({ amount }) => amount));
  return { line_items, subtotal: subtotal.toFixed(2), tax_amount, total_amount: subtotal.plus(tax_amount).toFixed(2) };
};

const rated = (high: string, low: string) => [
  { tax_rate: '21', taxable_amount: '25.00', tax_amount: high },
  { tax_rate: '6', taxable_amount: '25.00', tax_amount: low },
];

t.test('an amount with more digits than its currency is a finding, wherever it stands', async (t) => {
  const fine = '0.001';
  const { findings } = recomputeTotals({
    currency: 'EUR',
    line_items: [{ ...line, quantity: '1', unit_price: fine, amount: fine }],
    charges: [{ amount: fine, tax_rate: '0' }],
    allowances: [{ amount: fine, tax_rate: '0' }],
    tax_breakdown: [{ tax_rate: '0', taxable_amount: fine, tax_amount: fine }],
    subtotal: fine,
    tax_amount: fine,
    total_amount: fine,
    prepaid_amount: fine,
    rounding_amount: fine,
  });
  t.strictSame(
    findings.filter((each) => each.detail.includes('more digits')).map((each) => each.pointer),
    [
      '/line_items/0/amount',
      '/charges/0/amount',
      '/allowances/0/amount',
      '/tax_breakdown/0/taxable_amount',
      '/tax_breakdown/0/tax_amount',
      '/subtotal',
      '/tax_amount',
      '/total_amount',
      '/prepaid_amount',
      '/rounding_amount',
    ],
  );
  const yen = {
    ...invoice,
    currency: 'JPY',
    line_items: [{ ...line, amount: '25' }],
    subtotal: '25',
    tax_amount: '5',
    total_amount: '30',
  };
  t.strictSame(recomputeTotals(yen).findings, []);
});

t.test(
  'a rounding is less than one unit of the currency, and nothing else hides in it (EN 16931 BT-114)',
  async (t) => {
    const yen = {
      currency: 'JPY',
      line_items: [{ ...line, amount: '25' }],
      subtotal: '25',
      tax_amount: '5',
      total_amount: '30',
      prepaid_amount: '0',
    };
    const due = { ...invoice, total_amount: '121.00' };
    for (const [document, rounding_amount, refused] of [
      [due, '0.99', false],
      [due, '-0.99', false],
      [due, '1.00', true],
      [due, '-1.00', true],
      [due, '10000.00', true],
      [yen, '70', false],
      [yen, '100', true],
    ] as const) {
      const found = recomputeTotals({ ...document, rounding_amount }).findings;
      t.strictSame(
        found.map(({ pointer, rule }) => [pointer, rule]),
        refused ? [['/rounding_amount', 'BT-114']] : [],
        `${rounding_amount} ${document.currency}`,
      );
    }
  },
);

t.test('an invoice made from an order by our own arithmetic never has a finding', async () => {
  const decimal = (digits: number, max: number) =>
    fc.integer({ min: 0, max }).map((value) => (value / 10 ** digits).toFixed(digits));
  const ordered = fc.record({
    quantity: decimal(3, 1_000_000),
    unit_price: decimal(4, 1_000_000),
    price_base_quantity: fc.constantFrom('1', '7', '100'),
    tax_rate: fc.constantFrom('0', '6', '21', '21.0'),
    tax_category: fc.constantFrom('S', 'Z', undefined),
  });
  fc.assert(
    fc.property(
      fc.array(ordered, { maxLength: 12 }),
      fc.constantFrom('EUR', 'JPY', 'KWD'),
      fc.boolean(),
      (lines, currency, withBreakdown) => {
        const { amounts, tax_breakdown, ...totals } = orderTotals(lines, currency);
        const { findings, warnings, amount_due } = recomputeTotals({
          ...totals,
          currency,
          line_items: lines.map((each, index) => ({ ...each, amount: amounts[index] ?? '0' })),
          ...(withBreakdown ? { tax_breakdown } : {}),
        });
        return findings.length === 0 && warnings.length === 0 && equal(amount_due, totals.total_amount);
      },
    ),
    { numRuns: 100 },
  );
});

const corpus = resolve(process.env['P2P_CORPUS'] ?? '../shared/corpus', 'en16931/ubl');
const skip = existsSync(corpus) ? false : 'there is no corpus: name its folder in P2P_CORPUS';

t.test(
  'real invoices that pass the official rules have no finding, and the amount due they state',
  { skip },
  async (t) => {
    const many = /(Line|AllowanceCharge|TaxTotal|TaxSubtotal|ClassifiedTaxCategory)$/;
    const parser = new XMLParser({
      removeNSPrefix: true,
      parseTagValue: false,
      attributeNamePrefix: '',
      isArray: (name) => many.test(name),
    });
    for (const name of readdirSync(corpus).filter((each) => each.endsWith('.xml'))) {
      const { stated, due } = fromUbl(parser.parse(readFileSync(join(corpus, name))));
      const totals = recomputeTotals(stated);
      // Officially valid, but money owed to us is recorded as a credit note of positive amounts.
      if (isNegative(due)) t.match(totals.findings, [{ pointer: '/total_amount', detail: /credit note/ }], name);
      else t.strictSame(totals.findings, [], name);
      t.ok(equal(totals.amount_due, due), `${name} is due ${due}`);
    }
  },
);

/** The figures of a UBL document alone: amounts are text or, with attributes, text beside them. */
function fromUbl(xml: Record<string, Ubl>): { stated: StatedInvoice; due: string } {
  const document = xml['Invoice'] ?? xml['CreditNote'] ?? {};
  const total = document['LegalMonetaryTotal'] ?? {};
  const taxTotal = list(document['TaxTotal']).find((each) => each['TaxSubtotal'] !== undefined) ?? {};
  const tax = (category: Ubl | undefined) => ({
    tax_rate: text(category?.['Percent']),
    tax_category: text(category?.['ID'], 'S'),
  });
  const allowances = list(document['AllowanceCharge']);
  const documentAmounts = (charge: boolean) =>
    allowances
      .filter((each) => ['true', '1'].includes(text(each['ChargeIndicator'])) === charge)
      .map((each) => ({ amount: text(each['Amount']), ...tax(list(each['TaxCategory'])[0]) }));
  const lines = list(document['InvoiceLine'] ?? document['CreditNoteLine']);
  return {
    due: text(total['PayableAmount']),
    stated: {
      currency: text(document['DocumentCurrencyCode']),
      line_items: lines.map((each) => ({
        quantity: text(each['InvoicedQuantity'] ?? each['CreditedQuantity']),
        unit_price: text(each['Price']?.['PriceAmount']),
        price_base_quantity: text(each['Price']?.['BaseQuantity'], '1'),
        amount: text(each['LineExtensionAmount']),
        ...tax(list(each['Item']?.['ClassifiedTaxCategory'])[0]),
      })),
      charges: documentAmounts(true),
      allowances: documentAmounts(false),
      tax_breakdown: list(taxTotal['TaxSubtotal']).map((each) => ({
        taxable_amount: text(each['TaxableAmount']),
        tax_amount: text(each['TaxAmount']),
        ...tax(each['TaxCategory']),
      })),
      subtotal: text(total['TaxExclusiveAmount']),
      tax_amount: text(taxTotal['TaxAmount']),
      total_amount: text(total['TaxInclusiveAmount']),
      prepaid_amount: text(total['PrepaidAmount']),
      rounding_amount: text(total['PayableRoundingAmount']),
    },
  };
}

interface Ubl {
  readonly [element: string]: Ubl;
}

const list = (given: Ubl | undefined): readonly Ubl[] =>
  given === undefined ? [] : Array.isArray(given) ? given : [given];

const text = (given: Ubl | string | undefined, absent = '0'): string => {
  if (given === undefined) return absent;
  const value = typeof given === 'string' ? given : given['#text'];
  return String(value).trim();
};

t.test('a negative line is taken while the total stays above 0', async (t) => {
  const of = (quantity: string, more: object = {}) => {
    const [amount, subtotal] = [`${Number(quantity) * 5}.00`, `${10 + Number(quantity) * 5}.00`];
    const line = { quantity: '1', unit_price: '10', tax_rate: '0', amount: '10.00' };
    const rebate = { quantity, unit_price: '5', tax_rate: '0', amount };
    const totals = { subtotal, tax_amount: '0.00', total_amount: subtotal };
    return recomputeTotals({ currency: 'EUR', line_items: [line, rebate], ...totals, ...more }).findings;
  };
  const pointers = (findings: readonly { readonly pointer: string }[]) => findings.map(({ pointer }) => pointer);
  t.same(pointers(of('-1')), []);
  t.same(pointers(of('-2')), ['/total_amount'], 'nothing is left');
  t.same(pointers(of('-3')), ['/total_amount'], 'the supplier owes');
  t.same(pointers(of('-2', { rounding_amount: '0.50' })), ['/total_amount'], 'nor does a rounding make it more');
});

t.test('an amount in forints is rounded to the smallest coin', async (t) => {
  const of = (currency: string, rounding_amount: string) => {
    const line = { quantity: '1', unit_price: '1001', tax_rate: '0', amount: '1001.00' };
    const totals = { subtotal: '1001.00', tax_amount: '0.00', total_amount: '1001.00' };
    return recomputeTotals({ currency, line_items: [line], ...totals, rounding_amount }).findings.map(
      ({ detail }) => detail,
    );
  };
  for (const rounding of ['-1.00', '2.00', '-2.50']) t.same(of('HUF', rounding), [], rounding);
  t.match(of('HUF', '2.51'), [/at most 2\.5 HUF/]);
  t.match(of('EUR', '1.00'), [/less than 1 EUR/]);
});
