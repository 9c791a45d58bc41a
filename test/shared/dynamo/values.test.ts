import { NumberValue } from '@aws-sdk/lib-dynamodb';
import { Type } from '@sinclair/typebox';
import t from 'tap';
import { createVault } from '../../../src/shared/crypto.ts';
import { compileCodec, type Item } from '../../../src/shared/dynamo/codec.ts';
import { type Condition, compileCondition, holds } from '../../../src/shared/dynamo/conditions.ts';
import { decodeCursor, encodeCursor } from '../../../src/shared/dynamo/cursor.ts';
import { fromSummary, type Listing, planList } from '../../../src/shared/dynamo/filters.ts';
import { itemSize } from '../../../src/shared/dynamo/item-size.ts';
import { Amount, CurrencyCode, Nullable, Quantity } from '../../../src/shared/http/schemas.ts';

/** As the document client gives it back: every N is text without trailing zeros. */
const stored = (value: unknown): unknown => {
  if (value instanceof NumberValue)
    return value.toString().replace(/\.?0+$/, (zeros) => (zeros.includes('.') ? '' : zeros));
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.map(stored);
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, stored(member)]));
  return value;
};

const Line = Type.Object({ line_number: Type.Integer(), quantity: Quantity, amount: Amount });
const Document = Type.Object({
  currency: CurrencyCode,
  version: Type.Integer(),
  name: Type.String(),
  total: Amount,
  discount: Nullable(Amount),
  optional: Type.Optional(Amount),
  lines: Type.Array(Line),
  tags: Type.Array(Type.String()),
  taken: Type.Record(Type.String(), Quantity),
  limit: Nullable(Type.Object({ amount: Amount, currency: CurrencyCode })),
  note: Type.Object({ text: Type.String() }),
  unknown: Type.Record(Type.String(), Type.String()),
});

t.test('a document comes back from the store digit for digit', async (t) => {
  const codec = compileCodec<Item>(Document);
  const document = {
    currency: 'EUR',
    version: 3,
    name: 'A',
    total: '850.00',
    discount: null,
    lines: [{ line_number: 1, quantity: '2.5', amount: '10.10' }],
    tags: ['x'],
    taken: { '1': '2.5', '2': '100' },
    limit: { amount: '5000', currency: 'JPY' },
    note: { text: '7' },
    unknown: { a: '1' },
  };
  const item = codec.encode(document);
  t.ok(item['total'] instanceof NumberValue, 'an exact number in the table');
  t.same(codec.decode(stored(item) as Item), document);
  t.same(codec.decode({ ...(stored(item) as Item), limit: null, discount: '1.5', optional: '2' }), {
    ...document,
    limit: null,
    discount: '1.50',
    optional: '2.00',
  });
});

t.test('what the store holds in another form is rendered as an amount all the same', async (t) => {
  const codec = compileCodec<Item>(Document);
  const read = (item: Item) => codec.decode({ currency: 'EUR', ...item });
  t.match(read({ total: '1E+3' }), { total: '1000.00' });
  t.match(read({ total: '1.005' }), { total: '1.01' });
  t.match(read({ total: 5, lines: 'none', taken: 7, limit: 'none', version: 4 }), {
    total: 5,
    lines: 'none',
    taken: 7,
    version: 4,
  });
  t.match(read({ lines: [{ quantity: '1E-6' }, 'odd'] }), { lines: [{ quantity: '0.000001' }, 'odd'] });
  t.match(codec.decode({ total: '5' }), { total: '5' });
  t.same(codec.encode({ total: 5, lines: 'none', taken: null, limit: 'x' }), {
    total: 5,
    lines: 'none',
    taken: null,
    limit: 'x',
  });
  const plain = compileCodec<Item>(Type.Object({ name: Type.String() }));
  t.same(plain.decode(plain.encode({ name: 'A' })), { name: 'A' });
  t.throws(() => compileCodec(Type.Union([Amount, Quantity])), TypeError);
  t.same(compileCodec(Type.Record(Type.String(), Quantity)).fields, new Set());
});

t.test('a field that was added since an item was written is read as null, or as its default', async (t) => {
  const codec = compileCodec<Item>(
    Type.Object({
      currency: CurrencyCode,
      note: Nullable(Type.String()),
      size: Type.Integer({ default: 0 }),
      tags: Type.Array(Type.String(), { default: [] }),
      free: Type.Optional(Nullable(Type.String())),
      name: Type.String(),
      lines: Type.Array(Type.Object({ text: Type.String(), limit: Nullable(Amount) })),
      address: Nullable(Type.Object({ city: Type.String(), county: Nullable(Type.String()) })),
      either: Type.Union([Type.Object({ a: Nullable(Type.String()) }), Type.Object({ b: Nullable(Type.String()) })]),
    }),
  );
  const old = { currency: 'EUR', lines: [{ text: 'x' }], address: { city: 'Y' }, either: { a: null } };
  const read = codec.decode(old);
  t.same(read, {
    ...old,
    note: null,
    size: 0,
    tags: [],
    lines: [{ text: 'x', limit: null }],
    address: { city: 'Y', county: null },
  });
  t.not(read['tags'], codec.decode(old)['tags'], 'each has its own');
});

t.test('a condition holds over an item as DynamoDB would say', async (t) => {
  const cases: readonly (readonly [Condition, Item | undefined, boolean])[] = [
    [{ kind: 'absent' }, undefined, true],
    [{ kind: 'absent' }, {}, false],
    [{ kind: 'exists' }, {}, true],
    [{ kind: 'exists' }, undefined, false],
    [{ kind: 'equals', attribute: 'version', value: 3 }, { version: '3' }, true],
    [{ kind: 'equals', attribute: 'version', value: 3 }, { version: '4' }, false],
    [{ kind: 'equals', attribute: 'owner', value: 'a' }, { owner: 'a' }, true],
    [{ kind: 'equals', attribute: 'owner', value: 'a' }, undefined, false],
    [{ kind: 'one_of', attribute: 'status', values: ['a', 'b'] }, { status: 'b' }, true],
    [{ kind: 'one_of', attribute: 'status', values: ['a', 'b'] }, { status: 'c' }, false],
    [{ kind: 'one_of', attribute: 'status', values: ['a'] }, undefined, false],
    [{ kind: 'absent_or_below', attribute: 'step', value: 5 }, undefined, true],
    [{ kind: 'absent_or_below', attribute: 'step', value: 5 }, { step: '4' }, true],
    [{ kind: 'absent_or_below', attribute: 'step', value: 5 }, { step: '5' }, false],
    [{ kind: 'absent_or_equals', attribute: 'region', value: 'a' }, undefined, true],
    [{ kind: 'absent_or_equals', attribute: 'region', value: 'a' }, { region: 'a' }, true],
    [{ kind: 'absent_or_equals', attribute: 'region', value: 'a' }, { region: 'b' }, false],
    [{ kind: 'absent_or_expired', now: 100 }, undefined, true],
    [{ kind: 'absent_or_expired', now: 100 }, { expires_at: '99' }, true],
    [{ kind: 'absent_or_expired', now: 100 }, { expires_at: '100' }, false],
    [{ kind: 'all', of: [{ kind: 'exists' }, { kind: 'equals', attribute: 'a', value: true }] }, { a: true }, true],
    [{ kind: 'all', of: [{ kind: 'exists' }, { kind: 'equals', attribute: 'a', value: true }] }, { a: false }, false],
    [{ kind: 'any', of: [{ kind: 'absent' }, { kind: 'equals', attribute: 'a', value: true }] }, { a: true }, true],
    [{ kind: 'any', of: [{ kind: 'absent' }, { kind: 'equals', attribute: 'a', value: true }] }, { a: false }, false],
  ];
  for (const [condition, item, expected] of cases)
    t.equal(holds(condition, item), expected, `${JSON.stringify(condition)} over ${JSON.stringify(item)}`);
  t.same(compileCondition({ kind: 'absent' }, 'id'), {
    ConditionExpression: 'attribute_not_exists(#id)',
    ExpressionAttributeNames: { '#id': 'id' },
  });
  const all: Condition = {
    kind: 'all',
    of: [
      { kind: 'exists' },
      { kind: 'one_of', attribute: 'a.b', values: ['x', 'y'] },
      { kind: 'absent_or_expired', now: 5 },
      { kind: 'absent_or_equals', attribute: 'region', value: 'z' },
      { kind: 'absent_or_below', attribute: 'step', value: 7 },
    ],
  };
  t.same(compileCondition(all, 'id'), {
    ConditionExpression:
      'attribute_exists(#id) AND #a_b IN (:v0, :v1) AND (attribute_not_exists(#id) OR #expires_at < :v2) AND (attribute_not_exists(#id) OR #region = :v3) AND (attribute_not_exists(#id) OR #step < :v4)',
    ExpressionAttributeNames: {
      '#id': 'id',
      '#a_b': 'a.b',
      '#expires_at': 'expires_at',
      '#region': 'region',
      '#step': 'step',
    },
    ExpressionAttributeValues: { ':v0': 'x', ':v1': 'y', ':v2': 5, ':v3': 'z', ':v4': 7 },
  });
  const any: Condition = { kind: 'any', of: [{ kind: 'absent' }, { kind: 'equals', attribute: 'a', value: 1 }] };
  t.equal(compileCondition(any, 'id').ConditionExpression, '(attribute_not_exists(#id) OR #a = :v0)');
});

t.test('a cursor belongs to its query and its caller', async (t) => {
  const vault = createVault(Buffer.alloc(32, 1).toString('base64'));
  const binding = { principal: 'usr_1', query: '/vendors {}' };
  const cursor = encodeCursor(vault, binding, { id: 'ven_1', all: '1' });
  t.same(decodeCursor(vault, binding, cursor), { id: 'ven_1', all: '1' });
  const others = [
    [{ ...binding, principal: 'usr_2' }, cursor],
    [{ ...binding, query: '/vendors {"q":"a"}' }, cursor],
    [binding, `x${cursor}`],
    [binding, cursor.split('.')[0] ?? ''],
    [binding, ''],
  ] as const;
  for (const [bound, given] of others)
    t.throws(() => decodeCursor(vault, bound, given), { kind: 'malformed', code: 'request.invalid-cursor' });
});

const LISTING: Listing = {
  table: 'invoices',
  equals: [
    ['po_id', 'by_po'],
    ['status', 'by_status'],
  ],
  text: { index: 'by_number', key: 'number_key' },
  due: 'due_date',
};

t.test('the most selective filter given chooses the index, the others look at summaries', async (t) => {
  const keeps = (query: Item, summary: Item) => planList(LISTING, query).keep?.({ summary }) ?? true;
  t.match(planList(LISTING, {}), { index: 'by_all', hash: { name: 'all' }, ascending: false });
  t.notHas(planList(LISTING, {}), 'keep');
  t.match(planList(LISTING, { status: 'paid' }), { index: 'by_status', hash: { name: 'status', value: 'paid' } });
  t.match(planList(LISTING, { status: 'paid', po_id: 'po_1' }), { index: 'by_po', hash: { value: 'po_1' } });
  t.same(
    [keeps({ status: 'paid', po_id: 'p' }, { status: 'paid' }), keeps({ status: 'paid', po_id: 'p' }, { status: 'x' })],
    [true, false],
  );
  t.match(planList(LISTING, { q: ' inv  7 ', status: 'paid' }), {
    index: 'by_number',
    ascending: true,
    range: { prefix: 'INV 7' },
  });
  const own = { ...LISTING, text: { index: 'by_number', key: 'number_key', normalise: (text: string) => `#${text}` } };
  t.match(planList(own, { q: '7' }), { range: { prefix: '#7' } });
  t.match(planList({ table: 'vendors', equals: [] }, { q: '7' }), { index: 'by_all' });
});

t.test('days are inclusive, by the sort key or by the summary', async (t) => {
  const range = (query: Item) => planList(LISTING, query).range;
  t.same(range({ created_from: '2026-01-01', created_to: '2026-01-31' }), {
    name: 'created_at',
    from: '2026-01-01',
    to: '2026-02-01',
  });
  t.match(range({ created_from: '2026-01-01' }), { from: '2026-01-01' });
  const keep = (query: Item, summary: Item) => planList(LISTING, query).keep?.({ summary });
  const created = { q: 'a', created_from: '2026-01-01', created_to: '2026-01-31' };
  t.same(
    ['2025-12-31T23:59:59Z', '2026-01-01T00:00:00Z', '2026-01-31T23:59:59Z', '2026-02-01T00:00:01Z'].map((created_at) =>
      keep(created, { created_at }),
    ),
    [false, true, true, false],
  );
  t.same(
    ['2026-01-01', '2026-01-02', '2026-01-03', null].map((due_date) =>
      keep({ due_from: '2026-01-02', due_to: '2026-01-02' }, { due_date }),
    ),
    [false, true, false, false],
  );
  t.equal(keep({ due_from: '2026-01-02' }, { due_date: '2027-01-01' }), true);
  t.equal(keep({ due_to: '2026-01-02' }, { due_date: '2027-01-01' }), false);
  t.equal(planList({ table: 'vendors', equals: [] }, { due_to: '2026-01-02' }).keep, undefined);
  t.same(fromSummary({ summary: { id: 'a', version: '3' } }), { id: 'a', version: 3 });
});

t.test('an item is as large as DynamoDB counts it', async (t) => {
  const cases: readonly (readonly [Item, number])[] = [
    [{ a: 'é' }, 3],
    [{ a: undefined }, 0],
    [{ a: true, b: null }, 4],
    [{ n: 12345 }, 1 + 5],
    [{ n: NumberValue.from('1.25') }, 1 + 4],
    [{ b: new Uint8Array(10) }, 11],
    [{ l: ['ab', 'c'] }, 1 + 3 + 3 + 2],
    [{ m: { x: 'y' } }, 1 + 3 + 2 + 1],
  ];
  for (const [item, bytes] of cases) t.equal(itemSize(item), bytes, Object.keys(item).join());
});
