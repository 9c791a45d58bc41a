import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { failedChecks, MATCH_RULE_VERSION, matchInvoice } from '../../../../src/modules/invoices/domain/match.ts';
import type { CheckKind } from '../../../../src/modules/invoices/domain/match-checks.ts';
import type {
  BilledDocument,
  BilledLine,
  LineCounters,
  MatchInput,
  Order,
  OrderedLine,
} from '../../../../src/modules/invoices/domain/match-facts.ts';
import { overrideTakes, takeChanges } from '../../../../src/modules/invoices/domain/match-takes.ts';
import { add, compare, subtract } from '../../../../src/shared/money.ts';
import { lineAmount, orderTotals } from '../../../../src/shared/order-totals.ts';

const bolts: OrderedLine = {
  line_number: 1,
  sku: 'BOLT',
  quantity: '100',
  unit: 'EA',
  unit_price: '2.50',
  tax_rate: '21',
};
const nuts: OrderedLine = { line_number: 2, sku: 'NUT', quantity: '10', unit: 'BOX', unit_price: '12', tax_rate: '6' };
const order: Order = { vendor_id: 'ven_1', currency: 'EUR', match_type: 'three_way', line_items: [bolts, nuts] };

/** An invoice of these lines that is right but for what a case changes. */
function billing(lines: readonly Partial<BilledLine>[], change: Partial<BilledDocument> = {}): BilledDocument {
  const items = lines.map((line, index) => {
    const whole = { line_number: index + 1, po_line_number: 1, quantity: '1', unit_price: '2.5', amount: '', ...line };
    return { ...whole, amount: line.amount ?? lineAmount({ ...whole, tax_rate: '0' }, 'EUR') };
  });
  const rates = items.map((line) => ({ ...line, tax_rate: line.po_line_number === 2 ? '6' : '21' }));
  const { tax_amount, total_amount } = orderTotals(rates, 'EUR');
  return {
    type: 'invoice',
    vendor_id: 'ven_1',
    currency: 'EUR',
    line_items: items,
    tax_amount,
    total_amount,
    ...change,
  };
}

const received: Record<string, LineCounters> = { 1: { received_quantity: '100' }, 2: { received_quantity: '10' } };

const matching = (lines: readonly Partial<BilledLine>[], change: Partial<MatchInput> = {}): MatchInput => ({
  invoice: billing(lines),
  purchase_order: order,
  counters: received,
  ...change,
});

const failures = (input: MatchInput) =>
  failedChecks(matchInvoice(input), 50).checks.map(({ line_number, kind }) => [line_number, kind]);

t.test('a rounding of the amount due is a check of its own, which half a unit passes', async (t) => {
  const rounding = (rounding_amount: string) =>
    matchInvoice(matching([{}], { invoice: billing([{}], { rounding_amount }) })).totals.filter(
      ({ kind }) => kind === 'rounding',
    );
  t.match(rounding('0.50'), [
    { invoiced: '0.50', ordered: '0.00', difference: '0.50', tolerance: '0.50', verdict: 'matched' },
  ]);
  t.match(rounding('-0.50'), [{ difference: '-0.50', verdict: 'matched' }]);
  t.match(rounding('0.51'), [{ difference: '0.51', verdict: 'exception' }]);
  t.match(rounding('-0.99'), [{ verdict: 'exception' }]);
  t.strictSame(rounding('0.00'), []);
  const forints = (rounding_amount: string, change: Partial<MatchInput> = {}) =>
    matchInvoice(
      matching([{}], { invoice: billing([{}], { rounding_amount, currency: 'HUF' }), ...change }),
    ).totals.filter(({ kind }) => kind === 'rounding');
  t.match(forints('2.00'), [{ difference: '2.00', tolerance: '2.50', verdict: 'matched' }], 'the smallest coin is 5');
  t.match(forints('2.51'), [{ verdict: 'exception' }]);
  t.match(forints('2.00', { tolerances: { company: {} } }), [{ tolerance: '0.00', verdict: 'exception' }]);
});

t.test('an invoice without an order is not matched', async (t) => {
  const { inputs, ...decision } = matchInvoice({ invoice: billing([{}]), counters: received });
  t.strictSame(decision, {
    verdict: 'not_applicable',
    rule_version: MATCH_RULE_VERSION,
    lines: [],
    totals: [],
    takes: [],
  });
  t.strictSame(matchInvoice(inputs).verdict, 'not_applicable');
  t.strictSame(overrideTakes(inputs), []);
});

t.test('a right invoice matches, shows every check and takes its quantity', async (t) => {
  const { inputs, ...decision } = matchInvoice(
    matching([{ quantity: '60' }], {
      counters: { 1: { received_quantity: '90', returned_quantity: '5', invoiced_quantity: '20' } },
    }),
  );
  const fine = { received: null, tolerance_source: 'shipped', verdict: 'matched' };
  t.strictSame(decision, {
    verdict: 'matched',
    rule_version: '2',
    lines: [
      {
        line_number: 1,
        po_line_number: 1,
        checks: [
          { ...fine, kind: 'quantity_ordered', invoiced: '80', ordered: '100', difference: '-20', tolerance: '0' },
          {
            ...fine,
            kind: 'quantity_received',
            invoiced: '80',
            ordered: null,
            received: '85',
            difference: '-5',
            tolerance: '0',
          },
          { ...fine, kind: 'price', invoiced: '2.5', ordered: '2.5', difference: '0', tolerance: '0' },
          {
            ...fine,
            kind: 'line_amount',
            invoiced: '150.00',
            ordered: '150.00',
            difference: '0.00',
            tolerance: '0.02',
          },
        ],
      },
    ],
    totals: [
      {
        ...fine,
        kind: 'vendor',
        invoiced: 'ven_1',
        ordered: 'ven_1',
        difference: null,
        tolerance: null,
        tolerance_source: null,
      },
      {
        ...fine,
        kind: 'currency',
        invoiced: 'EUR',
        ordered: 'EUR',
        difference: null,
        tolerance: null,
        tolerance_source: null,
      },
      { ...fine, kind: 'charges', invoiced: '0.00', ordered: '0.00', difference: '0.00', tolerance: '0.00' },
      { ...fine, kind: 'tax', invoiced: '31.50', ordered: '31.50', difference: '0.00', tolerance: '0.02' },
      { ...fine, kind: 'total', invoiced: '181.50', ordered: '181.50', difference: '0.00', tolerance: '0.02' },
    ],
    takes: [
      { po_line_number: 1, quantity: '60', override_quantity: '0', prices: [{ unit_price: '2.5', quantity: '60' }] },
    ],
  });
  t.strictSame(Object.keys(inputs.counters), ['1'], 'only what the verdict rests on is kept');
  t.equal(inputs.purchase_order?.line_items.length, 1);
});

t.test('each kind of difference is an exception of its kind, and takes nothing', async (t) => {
  const ten = { quantity: '10' };
  const cases: readonly (readonly [string, MatchInput, readonly (readonly [number | null, CheckKind])[]])[] = [
    ['all that was ordered', matching([{ quantity: '100' }]), []],
    [
      'more than was ordered and received',
      matching([{ quantity: '100.000001' }]),
      [
        [1, 'quantity_ordered'],
        [1, 'quantity_received'],
      ],
    ],
    [
      'more than is left of the order',
      matching([{ quantity: '41' }], { counters: { 1: { received_quantity: '200', invoiced_quantity: '60' } } }),
      [[1, 'quantity_ordered']],
    ],
    [
      'more than was received',
      matching([ten], { counters: { 1: { received_quantity: '9' } } }),
      [[1, 'quantity_received']],
    ],
    ['nothing received', matching([ten], { counters: {} }), [[1, 'quantity_received']]],
    ['no counters at all', matching([ten], { counters: undefined }), [[1, 'quantity_received']]],
    [
      'goods sent back',
      matching([ten], { counters: { 1: { received_quantity: '12', returned_quantity: '3' } } }),
      [[1, 'quantity_received']],
    ],
    [
      'nothing received in a two-way match',
      matching([ten], { counters: {}, purchase_order: { ...order, match_type: 'two_way' } }),
      [],
    ],
    [
      'several lines for one of the order',
      matching([{ quantity: '60' }, { quantity: '30' }, { quantity: '11' }], {
        purchase_order: { ...order, match_type: 'two_way' },
      }),
      [
        [1, 'quantity_ordered'],
        [2, 'quantity_ordered'],
        [3, 'quantity_ordered'],
      ],
    ],
    ['several lines that fit', matching([{ quantity: '60' }, { quantity: '40' }]), []],
    ['a price above', matching([ten], { invoice: billing([{ ...ten, unit_price: '2.500001' }]) }), [[1, 'price']]],
    [
      'a price below',
      matching([{ ...ten, unit_price: '2.4' }]),
      [
        [1, 'price'],
        [null, 'tax'],
        [null, 'total'],
      ],
    ],
    ['the same price on another base', matching([{ ...ten, unit_price: '250', price_base_quantity: '100' }]), []],
    ['a line amount at the limit', matching([{ ...ten, amount: '25.02' }]), []],
    ['a line amount beyond', matching([{ ...ten, amount: '25.03' }]), [[1, 'line_amount']]],
    ['a line amount below', matching([{ ...ten, amount: '24.97' }]), [[1, 'line_amount']]],
    ['tax at the limit', matching([ten], { invoice: billing([ten], { tax_amount: '5.27' }) }), []],
    ['tax beyond', matching([ten], { invoice: billing([ten], { tax_amount: '5.28' }) }), [[null, 'tax']]],
    ['a total below', matching([ten], { invoice: billing([ten], { total_amount: '30.22' }) }), [[null, 'total']]],
    [
      'freight',
      matching([ten], { invoice: billing([ten], { charges: [{ amount: '4.00' }, { amount: '0.50' }] }) }),
      [[null, 'charges']],
    ],
    ['another vendor', matching([ten], { invoice: billing([ten], { vendor_id: 'ven_2' }) }), [[null, 'vendor']]],
    ['another currency', matching([ten], { invoice: billing([ten], { currency: 'USD' }) }), [[null, 'currency']]],
    [
      'a line of no order line',
      matching([{ po_line_number: undefined }, { po_line_number: 9 }]),
      [
        [1, 'unmatched_line'],
        [2, 'unmatched_line'],
        [null, 'tax'],
        [null, 'total'],
      ],
    ],
    [
      'a unit nobody can convert',
      matching([{ ...ten, unit: 'KGM' }]),
      [
        [1, 'missing_information'],
        [null, 'missing_information'],
      ],
    ],
    ['a unit in other letters', matching([{ ...ten, unit: ' ea ' }]), []],
  ];
  for (const [title, input, expected] of cases) {
    t.strictSame(failures(input), expected, title);
    const { verdict, takes } = matchInvoice(input);
    t.equal(verdict, expected.length === 0 ? 'matched' : 'exception', title);
    if (verdict === 'exception') t.strictSame(takes, [], `${title}: an exception takes nothing`);
  }
});

t.test('units are converted both ways where a conversion is known, and stay exact', async (t) => {
  const threeOfBox = { from_unit: 'BOX', to_unit: 'EA', factor: '3' };
  const twelve = { sku: 'NUT', from_unit: 'box', to_unit: 'ea', factor: '12' };
  for (const [title, line, conversions, taken] of [
    ['boxes of an order in pieces', { quantity: '4', unit: 'BOX', unit_price: '7.5' }, [threeOfBox], '12'],
    [
      'pieces of an order in boxes',
      { po_line_number: 2, quantity: '24', unit: 'EA', unit_price: '1' },
      [threeOfBox, twelve],
      '2',
    ],
    [
      "the item's conversion of this vendor, before the item's, the vendor's and the company's",
      { po_line_number: 2, quantity: '10', unit: 'EA', unit_price: '1.2' },
      [threeOfBox, { ...threeOfBox, vendor_id: 'ven_1' }, twelve, { ...twelve, vendor_id: 'ven_1', factor: '10' }],
      '1',
    ],
    ['thirds of a box', { po_line_number: 2, quantity: '9', unit: 'EA', unit_price: '4' }, [threeOfBox], '3'],
  ] as const) {
    const decision = matchInvoice(matching([line], { conversions }));
    t.equal(decision.verdict, 'matched', title);
    t.match(decision.takes, [{ quantity: taken }], title);
  }
  for (const [title, conversions] of [
    ['of another item', [{ ...threeOfBox, sku: 'OTHER' }]],
    ['of nothing', [{ ...threeOfBox, factor: '0' }]],
    ['of other units', [{ ...threeOfBox, from_unit: 'PAL' }]],
    ['to other units', [{ ...threeOfBox, to_unit: 'PAL' }]],
    ['from its own unit', [{ from_unit: 'PAL', to_unit: 'BOX', factor: '3' }]],
  ] as const) {
    const line = { quantity: '4', unit: 'BOX', unit_price: '7.5' };
    t.match(failures(matching([line], { conversions })), [[1, 'missing_information']], `a conversion ${title}`);
  }
});

t.test('a tolerance is inclusive, has its own limit to each side, and says where it is from', async (t) => {
  const company = {
    quantity_ordered: { over: { percent: '5' } },
    quantity_received: { over: { percent: '5' } },
    price: { over: { percent: '2' }, under: { percent: '50' } },
    charges: { over: { percent: '10' } },
    tax: { over: { percent: '100' }, under: { percent: '100' } },
    total: { over: { percent: '100' }, under: { percent: '100' } },
  };
  const tight = { items: { BOLT: { price: { over: { absolute: '0.01' } } } }, vendor: { charges: {} }, company };
  const first = (lines: readonly Partial<BilledLine>[], change: Partial<BilledDocument> = {}, levels = {}) =>
    failures({ ...matching(lines), invoice: billing(lines, change), tolerances: { company, ...levels } });
  t.strictSame(first([{ quantity: '105' }]), []);
  t.strictSame(first([{ quantity: '105.000001' }]), [
    [1, 'quantity_ordered'],
    [1, 'quantity_received'],
  ]);
  t.strictSame(first([{ quantity: '2', unit_price: '2.55' }]), []);
  t.strictSame(first([{ quantity: '2', unit_price: '2.550001' }]), [[1, 'price']]);
  t.strictSame(first([{ quantity: '2', unit_price: '1.25' }]), []);
  t.strictSame(first([{ quantity: '2', unit_price: '1.249999' }]), [[1, 'price']]);
  t.strictSame(first([{ quantity: '2' }], { charges: [{ amount: '0.50' }] }), []);
  t.strictSame(first([{ quantity: '2' }], { charges: [{ amount: '0.51' }] }), [[null, 'charges']]);
  t.strictSame(first([{ quantity: '2', unit_price: '2.51' }], {}, tight), []);
  t.strictSame(first([{ quantity: '2', unit_price: '2.52' }], { charges: [{ amount: '0.01' }] }, tight), [
    [1, 'price'],
    [null, 'charges'],
  ]);
  const decision = matchInvoice({ ...matching([{ quantity: '2', unit_price: '2.52' }]), tolerances: tight });
  t.match(
    decision.lines[0]?.checks.find((check) => check.kind === 'price'),
    { difference: '0.02', tolerance: '0.01', tolerance_source: 'item' },
  );
  t.match(
    decision.totals.find((check) => check.kind === 'charges'),
    { tolerance: '0.00', tolerance_source: 'vendor' },
  );
});

t.test(
  'percent of a quantity is of the whole order line, so that it is not granted again to each invoice',
  async (t) => {
    const tolerances = { company: { quantity_ordered: { over: { percent: '5' } } } };
    const twoWay = { ...order, match_type: 'two_way' } as const;
    const after = (invoiced: string) => ({
      ...matching([{ quantity: '3' }]),
      purchase_order: twoWay,
      tolerances,
      counters: { 1: { invoiced_quantity: invoiced } },
    });
    t.equal(matchInvoice(after('102')).verdict, 'matched');
    t.equal(matchInvoice(after('103')).verdict, 'exception');
  },
);

t.test('an invoice is no obstacle to itself', async (t) => {
  const input = matching([{ quantity: '60' }], {
    counters: { 1: { received_quantity: '60', invoiced_quantity: '60' } },
  });
  t.equal(matchInvoice(input).verdict, 'exception');
  const own = [
    { po_line_number: 1, quantity: '60', override_quantity: '0' },
    { po_line_number: 2, quantity: '0', override_quantity: '0' },
  ];
  t.equal(matchInvoice({ ...input, own_takes: own }).verdict, 'matched');
});

t.test('a credit note is held against what was billed', async (t) => {
  const crediting = (line: Partial<BilledLine>, counters: LineCounters) =>
    matching([], { invoice: billing([line], { type: 'credit_note' }), counters: { 1: counters } });
  const billed = { invoiced_quantity: '60', billed_unit_price: '2.4' };
  for (const [title, line, counters, expected] of [
    ['part of what was billed', { quantity: '10', unit_price: '2.4' }, billed, []],
    ['all that was billed', { quantity: '60', unit_price: '2.4' }, billed, []],
    ['more than was billed', { quantity: '60.1', unit_price: '2.4' }, billed, [[1, 'quantity_ordered']]],
    ['the price of the order where none was billed', { quantity: '1' }, { invoiced_quantity: '1' }, []],
    ['nothing billed', { quantity: '1' }, {}, [[1, 'quantity_ordered']]],
    [
      'another price than was billed',
      { quantity: '10', unit_price: '2.5' },
      billed,
      [
        [1, 'price'],
        [null, 'tax'],
        [null, 'total'],
      ],
    ],
  ] as const) {
    t.strictSame(failures(crediting(line, counters)), expected, title);
  }
  const generous = { company: { quantity_ordered: { over: { absolute: '99' } }, total: { over: { absolute: '1' } } } };
  t.strictSame(
    failures({ ...crediting({ quantity: '2' }, { invoiced_quantity: '1' }), tolerances: generous }),
    [[1, 'quantity_ordered']],
    'no tolerance lets more be credited than was billed',
  );
});

t.test('each part of a credit note’s quantity is compared with a price that is left to credit', async (t) => {
  const creditable = [
    { unit_price: '2', quantity: '10' },
    { unit_price: '3', quantity: '5' },
    { unit_price: '2.5', quantity: '0' },
  ];
  const crediting = (lines: readonly Partial<BilledLine>[], change: Partial<MatchInput> = {}) =>
    matching([], {
      invoice: billing(lines, { type: 'credit_note' }),
      counters: { 1: { invoiced_quantity: '20', creditable } },
      ...change,
    });
  const takenPrices = (input: MatchInput) =>
    overrideTakes(input).map(({ quantity, prices }) => [quantity, prices?.map((each) => Object.values(each))]);
  for (const [title, lines, expected, taken] of [
    ['all at the first price', [{ quantity: '10', unit_price: '2' }], [], [['-10', [['2', '-10']]]]],
    [
      'part of each',
      [{ quantity: '4', unit_price: '3' }, { unit_price: '2' }],
      [],
      [
        [
          '-5',
          [
            ['3', '-4'],
            ['2', '-1'],
          ],
        ],
      ],
    ],
    [
      'more at a price than is left of it',
      [{ quantity: '6', unit_price: '3' }],
      [
        [1, 'price'],
        [null, 'tax'],
        [null, 'total'],
      ],
      [
        [
          '-6',
          [
            ['3', '-5'],
            ['2', '-1'],
          ],
        ],
      ],
    ],
    [
      'twice at a price that is left once',
      [
        { quantity: '5', unit_price: '3' },
        { quantity: '5', unit_price: '3' },
      ],
      [
        [2, 'price'],
        [null, 'tax'],
        [null, 'total'],
      ],
      [
        [
          '-10',
          [
            ['3', '-5'],
            ['2', '-5'],
          ],
        ],
      ],
    ],
    [
      'a price that is credited in full',
      [{ unit_price: '2.5' }],
      [
        [1, 'price'],
        [null, 'tax'],
        [null, 'total'],
      ],
      [['-1', [['2', '-1']]]],
    ],
    [
      'more than is left at all, which the quantity tells',
      [{ quantity: '10', unit_price: '2' }, { quantity: '5', unit_price: '3' }, { unit_price: '3' }],
      [
        [1, 'quantity_ordered'],
        [2, 'quantity_ordered'],
        [3, 'quantity_ordered'],
      ],
      [
        [
          '-15',
          [
            ['2', '-10'],
            ['3', '-5'],
          ],
        ],
      ],
    ],
  ] as const) {
    t.strictSame(failures(crediting(lines)), expected, title);
    t.strictSame(takenPrices(crediting(lines)), taken, title);
  }
  const tolerances = { company: { price: { over: { absolute: '0.5' }, under: { absolute: '0.5' } } } };
  const near = crediting([{ quantity: '15', unit_price: '2.5' }], { tolerances });
  t.same(
    failures(near),
    [
      [null, 'tax'],
      [null, 'total'],
    ],
    'both prices are within the tolerance, and 35 is their sum',
  );
  t.strictSame(takenPrices(near), [
    [
      '-15',
      [
        ['2', '-10'],
        ['3', '-5'],
      ],
    ],
  ]);
  const nothing = crediting([{ unit: 'CEN', unit_price: '200' }], {
    conversions: [{ from_unit: 'EA', to_unit: 'CEN', factor: '99999999' }],
  });
  t.doesNotThrow(() => matchInvoice(nothing), 'a quantity that rounds to nothing');
});

t.test('a credit note gives back what it credits, what only an override allowed first', async (t) => {
  for (const [quantity, invoiced, overridden, taken] of [
    ['10', '60', '0', { quantity: '-10', override_quantity: '0' }],
    ['10', '60', '4', { quantity: '-10', override_quantity: '-4' }],
    ['3', '60', '4', { quantity: '-3', override_quantity: '-3' }],
  ] as const) {
    const input = matching([], {
      invoice: billing([{ quantity }], { type: 'credit_note' }),
      counters: { 1: { invoiced_quantity: invoiced, override_quantity: overridden } },
    });
    const prices = [{ unit_price: '2.50', quantity: taken.quantity }];
    t.strictSame(matchInvoice(input).takes, [{ po_line_number: 1, ...taken, prices }]);
    t.strictSame(overrideTakes(input), matchInvoice(input).takes);
  }
  const tooMuch = matching([], {
    invoice: billing([{ quantity: '70' }], { type: 'credit_note' }),
    counters: { 1: { invoiced_quantity: '60' } },
  });
  t.match(overrideTakes(tooMuch), [
    { po_line_number: 1, quantity: '-60', override_quantity: '0', prices: [{ quantity: '-60' }] },
  ]);
  const nothing = { ...tooMuch, counters: { 1: { invoiced_quantity: '-1' } } };
  t.strictSame(overrideTakes(nothing), [], 'what was never billed is not given back');
});

t.test('an override takes what it can and records what exceeds', async (t) => {
  const twoWay = { ...order, match_type: 'two_way' } as const;
  for (const [title, lines, change, expected] of [
    ['a wrong price alone exceeds nothing', [{ quantity: '10', unit_price: '3' }], {}, [[1, '10', '0']]],
    ['more than was ordered', [{ quantity: '120' }], {}, [[1, '120', '20']]],
    [
      'more than was received',
      [{ quantity: '60' }],
      { counters: { 1: { received_quantity: '45' } } },
      [[1, '60', '15']],
    ],
    [
      'more than was received, which a two-way match does not ask',
      [{ quantity: '60' }],
      { counters: { 1: { received_quantity: '45' } }, purchase_order: twoWay },
      [[1, '60', '0']],
    ],
    [
      'more than is left, in a two-way match',
      [{ quantity: '60' }],
      { counters: { 1: { invoiced_quantity: '50' } }, purchase_order: twoWay },
      [[1, '60', '10']],
    ],
    [
      'after an override nothing is left',
      [{ quantity: '5' }],
      { counters: { 1: { received_quantity: '100', invoiced_quantity: '120', override_quantity: '20' } } },
      [[1, '5', '5']],
    ],
    ['an unknown unit and a line of no order line', [{ unit: 'KGM' }, { po_line_number: 9 }], {}, []],
    [
      'one of two lines known',
      [{ unit: 'KGM' }, { po_line_number: 2, quantity: '11', unit_price: '12' }],
      {},
      [[2, '11', '1']],
    ],
  ] as const) {
    const takes = overrideTakes(matching(lines, change));
    t.strictSame(
      takes.map((take) => [take.po_line_number, take.quantity, take.override_quantity]),
      expected,
      title,
    );
  }
  const within = {
    company: { quantity_ordered: { over: { absolute: '20' } }, quantity_received: { over: { absolute: '20' } } },
  };
  t.strictSame(overrideTakes(matching([{ quantity: '120', unit_price: '3' }], { tolerances: within })), [
    { po_line_number: 1, quantity: '120', override_quantity: '0', prices: [{ unit_price: '3', quantity: '120' }] },
  ]);
});

t.test('what changes on the counters is what is held after less what was held before', async (t) => {
  const take = (line: number, quantity: string, override = '0') => ({
    po_line_number: line,
    quantity,
    override_quantity: override,
  });
  for (const [before, after, expected] of [
    [[], [take(1, '60', '5')], [take(1, '60', '5')]],
    [[take(1, '60', '5')], [], [take(1, '-60', '-5')]],
    [[take(1, '60')], [take(1, '60')], [take(1, '0')]],
    [[take(1, '60', '5'), take(2, '1')], [take(1, '50', '5')], [take(1, '-10'), take(2, '-1')]],
    [[take(1, '60', '5')], [take(1, '60')], [take(1, '0', '-5')]],
  ] as const) {
    t.strictSame(
      takeChanges(before, after),
      expected.map((each) => ({ ...each, returned_credited_quantity: '0', billed_prices: [] })),
    );
  }
  const billed = { ...take(1, '60'), prices: [{ unit_price: '2', quantity: '60' }] };
  const credited = { ...take(1, '-5'), prices: [{ unit_price: '2', quantity: '-5' }] };
  t.strictSame(
    [takeChanges([billed], []), takeChanges([], [credited]), takeChanges([credited], [])].map(
      ([change]) => change?.billed_prices,
    ),
    [
      [{ unit_price: '2', billed_quantity: '-60', credited_quantity: '0' }],
      [{ unit_price: '2', billed_quantity: '0', credited_quantity: '5' }],
      [{ unit_price: '2', billed_quantity: '0', credited_quantity: '-5' }],
    ],
  );
});

t.test('the failed checks are counted whole and shown in part', async (t) => {
  const { count, checks } = failedChecks(matchInvoice(matching([{ quantity: '70' }, { quantity: '70' }])), 3);
  t.equal(count, 4);
  t.match(checks, [{ line_number: 1, po_line_number: 1 }, { line_number: 1 }, { line_number: 2 }]);
});

t.test('facts that nobody asked for are not kept, and the stored ones give the same verdict', async (t) => {
  const tolerances = { items: { BOLT: { price: {} }, OTHER: { price: {} } }, vendor: {}, company: {} };
  const conversions = [
    { sku: 'OTHER', from_unit: 'A', to_unit: 'B', factor: '2' },
    { from_unit: 'A', to_unit: 'B', factor: '2' },
  ];
  const noted = { ...matching([{ quantity: '1' }]), tolerances, conversions };
  const decision = matchInvoice({ ...noted, invoice: { ...noted.invoice, ...{ notes: 'call before delivery' } } });
  t.strictSame(Object.keys(decision.inputs.tolerances.items ?? {}), ['BOLT']);
  t.equal(decision.inputs.conversions.length, 1);
  t.notOk('notes' in decision.inputs.invoice);
  t.strictSame(matchInvoice(JSON.parse(JSON.stringify(decision.inputs))), decision);
});

const thousandths = (max: number) => fc.integer({ min: 1, max }).map((value) => (value / 1000).toFixed(3));
const percent = fc.constantFrom(undefined, '0', '5', '20');
const anyLine = fc.record({
  po_line_number: fc.constantFrom(1, 1, 2, undefined),
  quantity: thousandths(80_000),
  unit: fc.constantFrom(undefined, 'EA', 'BOX'),
  unit_price: fc.constantFrom('2.5', '12', '3'),
});
const anyInput = fc
  .record({
    lines: fc.array(anyLine, { minLength: 1, maxLength: 5 }),
    type: fc.constantFrom('invoice' as const, 'credit_note' as const),
    match_type: fc.constantFrom('two_way' as const, 'three_way' as const),
    received: thousandths(150_000),
    invoiced: thousandths(50_000),
    over: percent,
  })
  .map(
    ({ lines, type, match_type, received: arrived, invoiced, over }): MatchInput => ({
      invoice: billing(lines, { type }),
      purchase_order: { ...order, match_type },
      counters: { 1: { received_quantity: arrived, invoiced_quantity: invoiced }, 2: { received_quantity: arrived } },
      tolerances: { vendor: { quantity_ordered: { over: { percent: over } } } },
      conversions: [{ from_unit: 'BOX', to_unit: 'EA', factor: '12' }],
    }),
  );

t.test('the stored facts give the same decision, always', async () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const decision = matchInvoice(input);
      const again = matchInvoice(JSON.parse(JSON.stringify(decision.inputs)));
      return JSON.stringify(again) === JSON.stringify(decision);
    }),
    { numRuns: 100 },
  );
});

t.test('the order of the lines of an invoice does not matter', async () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const turned = { ...input, invoice: { ...input.invoice, line_items: input.invoice.line_items.toReversed() } };
      const decision = matchInvoice(input);
      const other = matchInvoice(turned);
      return (
        isDeepStrictEqual(other.lines.toReversed(), decision.lines) &&
        isDeepStrictEqual(other.totals, decision.totals) &&
        isDeepStrictEqual(other.takes, decision.takes)
      );
    }),
    { numRuns: 100 },
  );
});

t.test('invoicing less never makes an exception of a quantity', async () => {
  const exceptions = (input: MatchInput) =>
    matchInvoice(input).lines.map((line) =>
      line.checks
        .filter((check) => check.kind.startsWith('quantity_') && check.verdict === 'exception')
        .map((check) => check.kind),
    );
  fc.assert(
    fc.property(anyInput, fc.nat(), fc.integer({ min: 0, max: 100 }), (input, pick, share) => {
      const at = pick % input.invoice.line_items.length;
      const line_items = input.invoice.line_items.map((line, index) =>
        index === at ? { ...line, quantity: ((Number(line.quantity) * share) / 100).toFixed(3) } : line,
      );
      const before = exceptions(input);
      const after = exceptions({ ...input, invoice: { ...input.invoice, line_items } });
      return after.every((kinds, index) => kinds.every((kind) => before[index]?.includes(kind)));
    }),
    { numRuns: 150 },
  );
});

t.test('what is invoiced and not overridden never exceeds ordered or received beyond tolerance', async () => {
  const step = fc.record({
    type: fc.constantFrom('invoice' as const, 'invoice' as const, 'credit_note' as const),
    quantity: thousandths(60_000),
    approve: fc.boolean(),
  });
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 15 }),
      fc.constantFrom('two_way' as const, 'three_way' as const),
      thousandths(120_000),
      percent,
      (steps, match_type, arrived, over) => {
        const sides = { over: { percent: over } };
        let held = { invoiced_quantity: '0', override_quantity: '0' };
        for (const { type, quantity, approve } of steps) {
          const input: MatchInput = {
            invoice: billing([{ quantity }], { type }),
            purchase_order: { ...order, match_type },
            counters: { 1: { ...held, received_quantity: arrived } },
            tolerances: { vendor: { quantity_ordered: sides, quantity_received: sides } },
          };
          const { verdict, takes } = matchInvoice(input);
          for (const take of verdict === 'exception' && approve ? overrideTakes(input) : takes) {
            held = {
              invoiced_quantity: add(held.invoiced_quantity, take.quantity).toFixed(),
              override_quantity: add(held.override_quantity, take.override_quantity).toFixed(),
            };
          }
          const rightful = subtract(held.invoiced_quantity, held.override_quantity);
          const spare = over ?? '0';
          const holds =
            compare(rightful, add('100', spare)) <= 0 &&
            (match_type === 'two_way' || compare(rightful, add(arrived, spare)) <= 0) &&
            compare(held.invoiced_quantity, '0') >= 0 &&
            compare(held.override_quantity, '0') >= 0;
          if (!holds) return false;
        }
        return true;
      },
    ),
    { numRuns: 150 },
  );
});

t.test('a credit note on an order of which nothing was counted yet credits more than was billed', async (t) => {
  const note = matching([], { invoice: billing([{ quantity: '1' }], { type: 'credit_note' }), counters: {} });
  t.match(failures(note), [[1, 'quantity_ordered']]);
});
