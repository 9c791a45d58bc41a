import t from 'tap';
import type { Candidate, ReadStream } from '../../../src/modules/approvals/approval.repository.ts';
import { type ApprovalSource, createApprovalService } from '../../../src/modules/approvals/approval.service.ts';
import type { Actor } from '../../../src/shared/command.ts';
import { createVault } from '../../../src/shared/crypto.ts';
import { notFound } from '../../../src/shared/errors.ts';

/** Streams as an index gives them: newest first, equal moments in an order of its own. */
const STORED: Record<string, readonly Candidate[]> = {};
const read: ReadStream = async ({ table, status }, after, limit) => {
  const all = STORED[`${table} ${status}`] ?? [];
  const start = after === undefined ? 0 : all.findIndex(({ id }) => id === after[0]) + 1;
  return { candidates: all.slice(start, start + limit), more: start + limit < all.length };
};
const candidate = (id: string, minute: number, created_by = 'maker'): Candidate => ({
  id,
  created_at: `2026-01-01T00:${String(minute).padStart(2, '0')}:00.000Z`,
  summary: { created_by },
});
const many = (prefix: string, count: number, minute: (n: number) => number): Candidate[] =>
  Array.from({ length: count }, (_, n) => candidate(`${prefix}${n}`, minute(n)));

const source = (facts: Partial<ApprovalSource>): ApprovalSource => ({
  entity: 'vendor',
  table: 'vendors',
  statuses: ['pending'],
  permissions: ['vendor:approve'],
  path: '/vendors',
  waiting: async (_actor, { id, created_at }) => ({ version: 1, title: id, created_at, waiting_since: created_at }),
  ...facts,
});
const actor: Actor = { id: 'me', roles: [], permissions: new Set(['vendor:approve', 'payment:approve']) };
const vault = createVault(Buffer.alloc(32, 1).toString('base64'));
const binding = { principal: 'me', query: '/approvals' };

async function everyPage(sources: readonly ApprovalSource[], limit: number, caller = actor): Promise<string[][]> {
  const service = createApprovalService({ sources, read, vault, limitOf: async () => undefined });
  const pages: string[][] = [];
  let cursor: string | undefined;
  do {
    const page = await service.list(caller, { limit, cursor, binding });
    pages.push(page.data.map(({ entity_id }) => entity_id));
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined && pages.length < 100);
  return pages;
}

t.beforeEach(() => {
  for (const name of Object.keys(STORED)) delete STORED[name];
});

t.test('kinds are merged newest first, and pages meet without a gap or a repeat', async (t) => {
  STORED['vendors pending'] = [candidate('v1', 9), candidate('v2', 5), candidate('v3', 1)];
  STORED['payments pending_approval'] = [
    candidate('p1', 8),
    candidate('p2', 5),
    candidate('p3', 5),
    candidate('p4', 0),
  ];
  const sources = [
    source({}),
    source({
      entity: 'payment',
      table: 'payments',
      statuses: ['pending_approval'],
      permissions: ['payment:approve'],
      path: '/payments',
    }),
  ];
  const all = ['v1', 'p1', 'v2', 'p2', 'p3', 'v3', 'p4'];
  for (const limit of [1, 2, 3, 7, 100]) {
    const pages = await everyPage(sources, limit);
    t.same(pages.flat(), all, `pages of ${limit}`);
    t.equal(pages.length, Math.ceil(7 / limit), 'the last page has no cursor');
  }
  t.same(await everyPage(sources, 10, { ...actor, permissions: new Set(['vendor:approve']) }), [['v1', 'v2', 'v3']]);
  t.same(await everyPage(sources, 10, { ...actor, permissions: new Set() }), [[]]);
});

t.test('a hundred of one moment are paged as well', async (t) => {
  STORED['vendors pending'] = many('v', 120, () => 3);
  const pages = await everyPage([source({})], 25);
  t.same(
    pages.map(({ length }) => length),
    [25, 25, 25, 25, 20],
  );
  t.equal(new Set(pages.flat()).size, 120);
});

t.test('what the caller made, what is gone and what is not theirs is left out', async (t) => {
  STORED['vendors pending'] = [
    candidate('own', 4, 'me'),
    candidate('gone', 3),
    candidate('other', 2),
    candidate('mine', 1),
  ];
  const asked: string[] = [];
  const sources = [
    source({
      async waiting(_actor, { id, created_at }) {
        asked.push(id);
        if (id === 'gone') throw notFound('vendor', id);
        return id === 'other' ? undefined : { version: 1, title: id, created_at, waiting_since: created_at };
      },
    }),
  ];
  t.same(await everyPage(sources, 10), [['mine']]);
  t.same(asked, ['gone', 'other', 'mine'], 'nothing is read that they made themselves');
  const failing = [source({ waiting: async () => Promise.reject(new Error('the store is away')) })];
  await t.rejects(everyPage(failing, 10), /the store is away/);
});

t.test('a page examines at most 200 and is then short, with a cursor', async (t) => {
  STORED['vendors pending'] = [
    ...many('own', 230, (n) => 59 - (n % 3)).map((made) => ({ ...made, summary: { created_by: 'me' } })),
    candidate('last', 0),
  ];
  t.same(await everyPage([source({})], 50), [[], ['last']]);
});

t.test('the approval limit is read as it stands, unless the caller brings one', async (t) => {
  STORED['vendors pending'] = [candidate('v1', 1)];
  const seen: unknown[] = [];
  const service = createApprovalService({
    sources: [source({ waiting: async ({ approval_limit }) => void seen.push(approval_limit) })],
    read,
    vault,
    limitOf: async () => ({ amount: '100.00', currency: 'EUR' }),
  });
  await service.list(actor, { limit: 5, binding });
  await service.list({ ...actor, approval_limit: { amount: '7.00', currency: 'EUR' } }, { limit: 5, binding });
  t.same(seen, [
    { amount: '100.00', currency: 'EUR' },
    { amount: '7.00', currency: 'EUR' },
  ]);
});
