/** A decision on several entities reads them one after the other: what it makes of different moments does not stand. */
import { Type } from '@sinclair/typebox';
import t from 'tap';
import { type Command, idSource } from '../../../src/shared/command.ts';
import { createVault } from '../../../src/shared/crypto.ts';
import { createDocumentClient } from '../../../src/shared/dynamo/client.ts';
import { compileCodec, type Item } from '../../../src/shared/dynamo/codec.ts';
import { type EntityRecord, entityStore } from '../../../src/shared/dynamo/entity-store.ts';
import { getTogether } from '../../../src/shared/dynamo/get-together.ts';
import { createReadSet, noteRead } from '../../../src/shared/dynamo/read-set.ts';
import { createUnitOfWork } from '../../../src/shared/dynamo/unit-of-work.ts';
import { conflictError } from '../../../src/shared/errors.ts';
import { AuditHeadSchema, entityFields } from '../../../src/shared/http/schemas.ts';
import { newId } from '../../../src/shared/ids.ts';
import { testDynamo } from '../../support/dynamodb-local.ts';

const dynamo = await testDynamo(t);
await dynamo.createTables('vendors', 'audit_log', 'idempotency');
const client = createDocumentClient(dynamo.config);
t.teardown(() => client.destroy());
const deps = { client, tableNames: dynamo.names, vault: createVault(Buffer.alloc(32, 1).toString('base64')) };
let retries = 0;
const observer = {
  committed: () => undefined,
  retried: () => {
    retries += 1;
  },
};
const unitOfWork = createUnitOfWork({ ...deps, retryBaseMs: 1, observer });

interface Account extends EntityRecord {
  readonly units: string;
}
const schema = Type.Object({
  ...entityFields('vendor'),
  status: Type.String(),
  units: Type.String(),
  audit: AuditHeadSchema,
});
const accounts = entityStore<Account>(deps, {
  table: 'vendors',
  entity: 'vendor',
  codec: compileCodec<Account>(schema),
  indexed: () => ({}),
});
const command = (): Command => ({
  actor: { id: 'usr_1', roles: [], permissions: new Set() },
  now: new Date(),
  request_id: 'r',
  dryRun: false,
  ids: idSource(),
});
const made = (units: number): Promise<Account> => {
  const making = command();
  return unitOfWork.run(making, async () => {
    const draft = { id: newId('vendor'), status: 'active', units: String(units), created_by: 'usr_1' };
    const { entity, writes } = accounts.create(making, draft);
    return { result: entity, writes };
  });
};
const nothing = async (): Promise<void> => undefined;

/** Moves what one has to the other. `between` happens between the two reads, `read` before the decision fails or stands. */
const move = (from: string, to: string, between: () => Promise<void>, failure: (sum: number) => Error | undefined) => {
  const moving = command();
  return unitOfWork.run(moving, async () => {
    const one = await accounts.require(from);
    await between();
    const other = await accounts.require(to);
    const error = failure(Number(one.units) + Number(other.units));
    if (error !== undefined) throw error;
    const a = accounts.update(moving, one, { ...one, units: '0' }, { action: 'moved' });
    const b = accounts.update(moving, other, { ...other, units: '10' }, { action: 'moved' });
    return { result: b.entity, writes: [...a.writes, ...b.writes] };
  });
};
const impossible = (sum: number) => (sum === 10 ? undefined : new RangeError(`${sum} of 10 units`));
const refusing = (sum: number) => (sum === 10 ? undefined : conflictError('vendor.refused', `${sum} of 10 units`));
const once = (act: () => Promise<unknown>) => {
  let done = false;
  return async () => {
    if (done) return;
    done = true;
    await act();
  };
};

for (const [kind, failure] of [
  ['an impossible sum', impossible],
  ['a refusal', refusing],
] as const)
  t.test(`${kind} of entities read at different moments is decided again`, async (t) => {
    const [a, b] = [await made(10), await made(0)];
    retries = 0;
    const moved = await move(
      a.id,
      b.id,
      once(() => move(a.id, b.id, nothing, impossible)),
      failure,
    );
    t.match(moved, { version: 3, units: '10' });
    t.equal(retries, 1, 'it was decided again once');
  });

t.test('an impossible sum of one moment is a defect, and a refusal of one moment stands', async (t) => {
  const [a, b] = [await made(7), await made(7)];
  retries = 0;
  await t.rejects(move(a.id, b.id, nothing, impossible), { message: '14 of 10 units' });
  await t.rejects(move(a.id, b.id, nothing, refusing), { code: 'vendor.refused' });
  t.equal(retries, 0);
});

t.test('a decision whose ground moves every time ends as busy and never as a defect', async (t) => {
  const [a, b] = [await made(7), await made(7)];
  const touch = async () => {
    const touching = command();
    await unitOfWork.run(touching, async () => {
      const before = await accounts.require(a.id);
      return { result: before, writes: accounts.update(touching, before, before, { action: 'touched' }).writes };
    });
  };
  await t.rejects(move(a.id, b.id, touch, impossible), { kind: 'unavailable', code: 'store.busy' });
});

t.test('what was read alone, is gone, came meanwhile, or was read twice with a change between', async (t) => {
  const [a, b] = [await made(1), await made(1)];
  const items = await getTogether(deps, 'vendors', [a.id]);
  const item = items.get(a.id);
  const missing = newId('vendor');
  type Seen = readonly [id: string, item: Item | undefined];
  const cases: readonly (readonly [string, boolean, readonly Seen[]])[] = [
    ['nothing was read', false, []],
    ['one entity, of a version long gone', false, [[a.id, { version: 9 }]]],
    ['two that stand', false, [a, b].map(({ id }): Seen => [id, item])],
    [
      'one that is still not there',
      false,
      [
        [a.id, item],
        [missing, undefined],
      ],
    ],
    [
      'one that is gone',
      true,
      [
        [a.id, item],
        [missing, { version: 1 }],
      ],
    ],
    [
      'one that came',
      true,
      [
        [a.id, undefined],
        [b.id, item],
      ],
    ],
    [
      'one twice with a change between',
      true,
      [
        [a.id, { version: 0 }],
        [a.id, item],
      ],
    ],
  ];
  for (const [title, moved, seen] of cases) {
    const reads = createReadSet();
    await reads.during(async () => {
      for (const [id, found] of seen) noteRead('vendors', id, found);
    });
    t.equal(await reads.moved(deps), moved, title);
  }
  noteRead('vendors', a.id, item);
  t.pass('outside of a decision nothing is noted');
});

t.test('what DynamoDB leaves unread, or answers for no table, counts as moved', async (t) => {
  const answering = (reply: object) => ({ ...deps, client: { send: async () => reply } as unknown as typeof client });
  const reads = createReadSet();
  await reads.during(async () => {
    noteRead('vendors', 'ven_1', { version: 1 });
    noteRead('vendors', 'ven_2', undefined);
  });
  t.equal(await reads.moved(answering({ UnprocessedKeys: { t: { Keys: [] } } })), true);
  t.equal(await reads.moved(answering({ Responses: {} })), true, 'the first is gone');
});

t.test('a decision that catches its own refusal is told whether the refusal stands', async (t) => {
  t.equal(await unitOfWork.readsMoved(), false, 'outside of a decision nothing was read');
  const [a, b] = [await made(10), await made(0)];
  const recording = (between: () => Promise<unknown>) => {
    const command_ = command();
    return unitOfWork.run(command_, async () => {
      const one = await accounts.require(a.id);
      await between();
      const other = await accounts.require(b.id);
      const error = refusing(Number(one.units) + Number(other.units));
      if (error !== undefined && (await unitOfWork.readsMoved())) throw error;
      const units = error === undefined ? 'fits' : 'refused';
      const { entity, writes } = accounts.update(command_, other, { ...other, units }, { action: 'recorded' });
      return { result: entity, writes };
    });
  };
  const torn = await recording(once(() => move(a.id, b.id, nothing, impossible)));
  t.match(torn, { units: 'fits' }, 'it was decided again on one moment');
  t.match(await recording(nothing), { units: 'refused' });
});
