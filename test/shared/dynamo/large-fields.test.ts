import { NumberValue } from '@aws-sdk/lib-dynamodb';
import t from 'tap';
import { itemSize } from '../../../src/shared/dynamo/item-size.ts';
import { largeFields } from '../../../src/shared/dynamo/large-fields.ts';

const { pack, unpack } = largeFields(['line_items', 'takes']);

t.test('a small document is stored as it is', async (t) => {
  const item = { id: 'inv_1', line_items: [{ quantity: NumberValue.from('1.10') }], takes: [] };
  t.equal(pack(item, itemSize(item)), item);
  t.equal(unpack(item), item);
});

t.test('a large one is stored gzipped, and every digit comes back', async (t) => {
  const line = { description: 'Copier paper, 80 g, white', quantity: NumberValue.from('123456789012345.123456') };
  const item = { id: 'inv_1', line_items: Array.from({ length: 3000 }, () => line), takes: undefined };
  const packed = pack(item, itemSize(item));
  t.notHas(packed, 'line_items');
  t.ok(itemSize(packed) < itemSize(item) / 10);
  const read: { line_items?: { quantity: string }[] } = unpack(packed);
  t.match(unpack(packed), { id: 'inv_1' });
  t.notHas(unpack(packed), 'packed_gz');
  t.equal(read.line_items?.length, 3000);
  t.equal(read.line_items?.[2999]?.quantity, '123456789012345.123456');
});
