import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import t from 'tap';
import { idSource, requireVersion } from '../../src/shared/command.ts';
import { idLength, idPattern, newId } from '../../src/shared/ids.ts';
import { ProposalOf, proposal, proposersOf, refuseOwnHand } from '../../src/shared/proposal.ts';

t.test('an id has its entity’s prefix, and later ids sort after earlier ones', (t) => {
  const ids = Array.from({ length: 50 }, () => newId('purchase_order'));
  t.same([...ids].sort(), ids);
  for (const id of ids) {
    t.match(id, new RegExp(idPattern('purchase_order')));
    t.equal(id.length, idLength('purchase_order'));
  }
  t.notMatch(newId('vendor'), new RegExp(idPattern('invoice')));
  t.end();
});

t.test('a decision that is made again gets the same ids, kind by kind', (t) => {
  const ids = idSource();
  const first = [ids.next('vendor'), ids.next('event'), ids.next('event')];
  ids.rewind();
  const again = [ids.next('event'), ids.next('vendor'), ids.next('event')];
  t.same(again, [first[1], first[0], first[2]]);
  t.not(ids.next('vendor'), first[0]);
  t.same(new Set(ids.made()).size, 4);
  t.end();
});

t.test('whoever saw another version decides on nothing', (t) => {
  requireVersion({}, 'vendor', 3);
  requireVersion({ ifMatch: 3 }, 'vendor', 3);
  t.throws(() => requireVersion({ ifMatch: 2 }, 'vendor', 3), { kind: 'stale', code: 'vendor.stale' });
  t.end();
});

t.test('a proposal is approved by somebody who had no hand in it', (t) => {
  const made = proposal({ roles: ['buyer'] }, 'usr_1', new Date('2026-01-01T00:00:00Z'), null);
  t.same(made, { changes: { roles: ['buyer'] }, proposed_by: 'usr_1', proposed_at: '2026-01-01T00:00:00.000Z' });
  const schema = ProposalOf(Type.Object({ roles: Type.Array(Type.String()) }));
  t.same(
    [null, { changes: {} }].map((value) => Value.Check(schema, value)),
    [true, false],
  );
  const again = proposal({ roles: ['buyer'] }, 'usr_2', new Date('2026-01-02T00:00:00Z'), made);
  t.same(proposersOf(again), ['usr_2', 'usr_1'], 'a replaced proposal bars its proposer from the one that replaced it');
  t.same(proposersOf(proposal({}, 'usr_1', new Date(), again)), ['usr_1', 'usr_2']);
  refuseOwnHand('user', [made.proposed_by], 'usr_2');
  t.throws(() => refuseOwnHand('user', [made.proposed_by], 'usr_1'), { code: 'user.segregation-of-duties' });
  t.end();
});
