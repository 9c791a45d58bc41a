import t from 'tap';
import { canonicalJson, sha256 } from '../../../src/shared/audit/canonical.ts';
import {
  type AuditEvent,
  changesBetween,
  eventFromItem,
  eventToItem,
  GENESIS_HASH,
  makeEvent,
  verifyChain,
} from '../../../src/shared/audit/event.ts';

const open = (_field: string, value: unknown): unknown => value;
const input = (head: { seq: number; hash: string } | undefined, over: object = {}) => ({
  id: `evt_${(head?.seq ?? 0) + 1}`,
  entity: 'vendor' as const,
  entity_id: 'ven_1',
  head,
  action: 'updated',
  actor: { id: 'usr_1' },
  changes: [{ field: 'name', before: 'A', after: 'B' }],
  at: '2026-01-01T00:00:00.000Z',
  request_id: 'r',
  ...over,
});

function chain(length: number): AuditEvent[] {
  const events: AuditEvent[] = [];
  for (let n = 0; n < length; n += 1) events.push(makeEvent(input(events.at(-1))));
  return events;
}

t.test('canonical JSON orders keys, leaves out what is undefined and nothing else', (t) => {
  t.equal(
    canonicalJson({ b: 1, a: [undefined, null, { d: 'x', c: true }], z: undefined }),
    '{"a":[null,null,{"c":true,"d":"x"}],"b":1}',
  );
  t.equal(canonicalJson({ a: 1, b: 2 }), canonicalJson({ b: 2, a: 1 }));
  t.equal(canonicalJson('é"'), '"é\\""');
  // More names than are kept.
  const many = Object.fromEntries(Array.from({ length: 2500 }, (_, n) => [`field ${String(n).padStart(4, '0')} "`, n]));
  t.equal(canonicalJson(many), JSON.stringify(many));
  t.equal(sha256('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  t.end();
});

t.test('the first event follows nothing, each other the one before it', (t) => {
  const [first, second] = chain(2);
  t.match(first, { seq: 1, prev_hash: GENESIS_HASH, via: null, on_behalf_of: null, reason: null });
  t.match(second, { seq: 2, prev_hash: first?.hash });
  const delegated = makeEvent(
    input(first, { actor: { id: 'usr_1', via: 'key_1' }, on_behalf_of: 'usr_2', reason: 'ill' }),
  );
  t.match(delegated, { via: 'key_1', on_behalf_of: 'usr_2', reason: 'ill' });
  t.end();
});

t.test('changes are the fields that differ, sealed where they must be, bounded where they are large', (t) => {
  const seal = (field: string, value: unknown) => (field === 'iban' ? `sealed ${String(value).length}` : value);
  const before = { name: 'A', iban: 'NL91', tags: [1], version: 1, gone: 'x' };
  const after = { name: 'A', iban: 'NL9122', tags: [1], version: 2, added: 5 };
  t.same(changesBetween(before, after, seal), [
    { field: 'iban', before: 'sealed 4', after: 'sealed 6' },
    { field: 'gone', before: 'x', after: null },
    { field: 'added', before: null, after: 5 },
  ]);
  t.same(changesBetween(undefined, { name: 'A' }, open), [{ field: 'name', before: null, after: 'A' }]);
  const lines = Array.from({ length: 3000 }, () => ({ description: 'x'.repeat(40) }));
  const [large] = changesBetween({ lines: null }, { lines }, open);
  t.match(large, {
    before: null,
    after: { count: 3000, bytes: canonicalJson(lines).length, sha256: sha256(canonicalJson(lines)) },
  });
  const [object] = changesBetween({}, { map: { text: 'x'.repeat(130_000) } }, open);
  t.notHas(object?.after, 'count');
  t.same(changesBetween({}, { map: { a: 1 } }, open), [{ field: 'map', before: null, after: { a: 1 } }]);
  t.end();
});

t.test('an event is stored and read back as it was, small or large', (t) => {
  const small = makeEvent(input(undefined));
  const large = makeEvent(input(undefined, { changes: [{ field: 'notes', before: null, after: 'x'.repeat(5000) }] }));
  t.type(eventToItem(small)['changes'], 'string');
  t.notHas(eventToItem(large), 'changes');
  t.same(eventFromItem({ ...eventToItem(small), seq: '1' }), small);
  t.same(eventFromItem(eventToItem(large)), large);
  t.end();
});

t.test('a whole chain is valid, and what was done to it is found where it was done', (t) => {
  const events = chain(4);
  const head = events.at(-1);
  const changed = (at: number, over: object) =>
    events.map((event, index) => (index === at ? { ...event, ...over } : event));
  const without = (at: number) => events.filter((_, index) => index !== at);
  t.same(verifyChain(events, head), { valid: true, events: 4, head_hash: head?.hash });
  t.same(verifyChain(events, undefined), { valid: true, events: 4, head_hash: head?.hash });
  t.same(verifyChain([], undefined), { valid: true, events: 0, head_hash: null });
  const cases: readonly (readonly [string, readonly AuditEvent[], number, RegExp])[] = [
    ['changed', changed(1, { action: 'deleted' }), 2, /content was changed/],
    ['missing', without(1), 2, /event 2 is missing/],
    [
      'reordered',
      [...events.slice(0, 1), ...events.slice(2, 3), ...events.slice(1, 2), ...events.slice(3)],
      2,
      /missing/,
    ],
    ['relinked', changed(2, { prev_hash: GENESIS_HASH }), 3, /does not follow/],
    ['tail cut', events.slice(0, 3), 4, /head the entity holds/],
    ['all cut', [], 1, /head the entity holds/],
  ];
  for (const [name, tampered, seq, reason] of cases) {
    const verdict = verifyChain(tampered, head);
    t.match(verdict, { valid: false, first_broken: { seq, reason } }, name);
  }
  t.match(
    verifyChain(events, { seq: 4, hash: GENESIS_HASH }),
    { valid: false, first_broken: { seq: 5 } },
    'another head',
  );
  t.end();
});
