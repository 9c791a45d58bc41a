import { randomBytes } from 'node:crypto';
import { Type } from '@sinclair/typebox';
import t from 'tap';
import { bounded, changesBetween, told } from '../../../src/shared/audit/event.ts';
import { createVault } from '../../../src/shared/crypto.ts';
import { compileCodec, type Item } from '../../../src/shared/dynamo/codec.ts';
import { toldFields } from '../../../src/shared/dynamo/told-fields.ts';
import { Amount } from '../../../src/shared/http/schemas.ts';
import type { Loose } from '../../support/api.ts';

const vault = createVault(randomBytes(32).toString('base64'));
const codec = compileCodec<Loose>(
  Type.Object({
    id: Type.String(),
    version: Type.Integer(),
    created_at: Type.String(),
    amount: Amount,
    held: Type.Boolean(),
    iban: Type.String(),
    lines: Type.Array(Type.Object({ price: Amount })),
    name: Type.String(),
    years: Type.Integer(),
  }),
);
const unpack = (item: Item): Item => ({ years: 2, ...item });
const fields = toldFields({ vault, codec, unpack, sealed: ['iban'], unaudited: ['name'] });
const seal = (field: string, value: unknown) =>
  field === 'iban' && value !== undefined ? vault.seal(value, 'x_1') : value;
const CREATED = {
  id: 'x_1',
  version: 1,
  created_at: 'now',
  amount: '5.00',
  held: false,
  iban: 'NL',
  lines: [],
  name: 'A',
};
const says = (...versions: object[]): Item =>
  told(versions.map((after, at) => ({ changes: changesBetween(versions[at - 1], after, seal) })));

t.test('an entity is what its events add up to, however its numbers are written and what is filled in', (t) => {
  const changed = { ...CREATED, amount: '7.50', lines: [{ price: '1.0' }] };
  const holds = { ...changed, version: 9, amount: '7.5', lines: [{ price: '1' }], name: 'B', years: 2, all: '1' };
  t.same(fields.texts(holds), fields.toldTexts('x_1', says(CREATED, changed)));
  t.same([...fields.texts(holds).keys()], ['id', 'amount', 'iban', 'lines', 'years']);
  for (const other of [{ amount: '7.51' }, { held: true }, { iban: 'DE' }, { lines: [] }, { years: 3 }, { id: 'x_2' }])
    t.notSame(fields.texts({ ...holds, ...other }), fields.toldTexts('x_1', says(CREATED, changed)), `${other}`);
  t.end();
});

t.test('what is long is told by its digest, and what does not open is no value', (t) => {
  const long = { ...CREATED, lines: Array.from({ length: 9000 }, () => ({ price: '1.00' })), years: 2 };
  const state = says(long);
  t.match(state['lines'], bounded(long.lines));
  t.same(fields.texts(long), fields.toldTexts('x_1', state));
  t.notSame(fields.texts({ ...long, lines: long.lines.slice(1) }), fields.toldTexts('x_1', state));
  const [iban, other] = ['iban', 'lines'];
  t.not(fields.toldTexts('x_2', state).get(iban), fields.toldTexts('x_1', state).get(iban), "in another's trail");
  t.match(fields.asTold({ ...long, iban: 'DE', held: true }, state), { iban: 'NL', held: false, name: 'A' });
  t.equal(fields.asTold({ ...long }, state)[other], long.lines, 'and the entity keeps it');
  const plain = toldFields({ vault, codec });
  t.equal(plain.texts({ ...CREATED }).size, 4);
  t.end();
});
