import t from 'tap';
import type { ApiKey, CreateApiKey } from '../../../src/modules/api-keys/api-key.schema.ts';
import {
  approvedApiKey,
  consentedApiKey,
  effectiveScopes,
  isUsable,
  newApiKey,
  type Owner,
  parseKey,
  revokedApiKey,
} from '../../../src/modules/api-keys/api-key.ts';
import { refusalOf } from '../../../src/shared/errors.ts';

const NOW = new Date('2026-03-15T10:00:00Z');
const owner = (over: Partial<Owner> = {}): Owner => ({
  id: 'usr_1',
  status: 'active',
  roles: ['buyer'],
  auth_epoch: 3,
  ...over,
});
const body = (over: Partial<CreateApiKey> = {}): CreateApiKey => ({
  name: 'Ordering',
  owner_id: 'usr_1',
  scopes: ['purchase_order:create'],
  ...over,
});
const made = (over: Partial<CreateApiKey> = {}, of = owner(), secondAdmin = false, actorId = 'admin') =>
  newApiKey('key_1', body(over), of, 'hash', { actorId, now: NOW, secondAdmin });
const key = (over: Partial<ApiKey> = {}): ApiKey => ({
  ...made(),
  version: 1,
  created_at: NOW.toISOString(),
  updated_at: NOW.toISOString(),
  audit: { seq: 1, hash: '' },
  ...over,
});

t.test('a key that only does a machine’s work is active at once, one that decides waits in production', async (t) => {
  const CASES: readonly (readonly [CreateApiKey['scopes'], Owner['roles'], boolean, string])[] = [
    [['purchase_order:create'], ['buyer'], false, 'active'],
    [['purchase_order:create'], ['buyer'], true, 'active'],
    [['purchase_order:approve'], ['approver'], false, 'active'],
    [['purchase_order:read', 'purchase_order:approve'], ['approver'], true, 'proposed'],
    [['invoice:create'], ['integration'], true, 'active'],
  ];
  for (const [scopes, roles, secondAdmin, status] of CASES)
    t.equal(made({ scopes }, owner({ roles }), secondAdmin, 'usr_1').status, status, `${scopes} for ${roles}`);
  const forAnother = made({}, owner(), true);
  t.match(forAnother, { status: 'proposed', awaits: ['consent', 'approval'] }, 'one for somebody else takes both');
  t.match(made(), { owner_id: 'usr_1', owner_epoch: 3, awaits: [], secret_sha256: 'hash', approved_by: null });
  const [latest, sooner] = ['2027-03-16T10:00:00.000Z', '2026-03-15T10:00:01Z'];
  t.equal(made().expires_at, latest, '366 days where nothing is said');
  t.equal(made({ expires_at: null }).expires_at, latest);
  t.equal(made({ expires_at: sooner }).expires_at, sooner);
});

t.test('all that is wrong with a key is told at once', async (t) => {
  t.match(
    refusalOf(() => void made({}, owner({ status: 'disabled' }))),
    { code: 'api_key.owner-disabled', errors: [{ pointer: '/owner_id', detail: 'is disabled' }] },
  );
  const scopes = ['purchase_order:create', 'invoice:create', 'payment:approve'] as const;
  const refused = refusalOf(() => void made({ scopes: [...scopes], expires_at: NOW.toISOString() }));
  t.match(refused, { code: 'api_key.invalid' });
  t.strictSame(refused?.errors, [
    {
      pointer: '/scopes/1',
      detail: 'is not a permission of the owner; an owner with the role integration covers it',
    },
    { pointer: '/scopes/2', detail: 'is not a permission of the owner' },
    { pointer: '/expires_at', detail: 'is in the past' },
  ]);
  const person = ['export:download', 'bank_details:read', 'user:create', 'api_key:create'] as const;
  const everything = owner({ roles: ['treasurer', 'admin', 'integration'] });
  const late = refusalOf(() => void made({ scopes: [...person], expires_at: '2027-03-16T10:00:00.001Z' }, everything));
  t.strictSame(
    late?.errors.map(({ detail }) => detail),
    [...person.map(() => 'is for people alone: no key may have it'), 'is more than 366 days ahead'],
  );
});

t.test('a key may at no moment more than its owner does', async (t) => {
  const scopes = ['purchase_order:create', 'invoice:create', 'payment:approve'] as const;
  const CASES: readonly (readonly [Owner['roles'], readonly string[]])[] = [
    [['buyer'], ['purchase_order:create']],
    [['integration'], ['purchase_order:create', 'invoice:create']],
    [
      ['integration', 'treasurer'],
      ['purchase_order:create', 'invoice:create', 'payment:approve'],
    ],
    [[], []],
  ];
  for (const [roles, expected] of CASES) t.same(effectiveScopes(scopes, owner({ roles })), expected, roles.join());
});

t.test('a key is approved by another than its maker, and revoked from any state but that', async (t) => {
  const proposed = key({ status: 'proposed', awaits: ['approval'] });
  const { awaits: _none, ...earlier } = proposed;
  for (const each of [proposed, earlier])
    t.match(approvedApiKey(each, 'second'), { status: 'active', approved_by: 'second', awaits: [] });
  for (const person of ['admin', 'usr_1'])
    t.match(
      refusalOf(() => void approvedApiKey(proposed, person)),
      { kind: 'forbidden', code: 'api_key.segregation-of-duties' },
      person,
    );
  t.match(
    refusalOf(() => void approvedApiKey(key(), 'second')),
    { code: 'api_key.wrong-status' },
  );
  for (const status of ['proposed', 'active'] as const) t.equal(revokedApiKey(key({ status })).status, 'revoked');
  t.match(
    refusalOf(() => void revokedApiKey(key({ status: 'revoked' }))),
    { code: 'api_key.wrong-status' },
  );
});

t.test(
  'a key for somebody else is active once its owner consents and a second admin approves, in either order',
  async (t) => {
    const both = key({ status: 'proposed', awaits: ['consent', 'approval'] });
    const consented = key(consentedApiKey(both, { auth_epoch: 4 }));
    t.match(consented, { status: 'proposed', awaits: ['approval'], owner_epoch: 4 });
    t.match(approvedApiKey(consented, 'second'), { status: 'active', awaits: [] });
    const approved = key(approvedApiKey(both, 'second'));
    t.match(approved, { status: 'proposed', awaits: ['consent'] });
    t.match(
      refusalOf(() => void approvedApiKey(approved, 'third')),
      { code: 'api_key.approved' },
    );
    t.match(consentedApiKey(approved, { auth_epoch: 4 }), { status: 'active', awaits: [] });
    const { awaits: _none, ...earlier } = key();
    t.match(consentedApiKey(earlier, { auth_epoch: 5 }), { status: 'active', owner_epoch: 5 }, 'again, after a change');
    t.match(
      refusalOf(() => void consentedApiKey(key({ status: 'revoked' }), { auth_epoch: 4 })),
      { code: 'api_key.wrong-status' },
    );
  },
);

t.test('a key is good while it is active and has not expired', async (t) => {
  const CASES: readonly (readonly [Partial<ApiKey>, boolean])[] = [
    [{}, true],
    [{ owner_epoch: 2 }, false],
    [{ expires_at: null }, true],
    [{ expires_at: null, created_at: '2025-03-14T10:00:00.000Z' }, false],
    [{ expires_at: '2026-03-15T10:00:00.001Z' }, true],
    [{ expires_at: '2026-03-15T10:00:00.000Z' }, false],
    [{ status: 'proposed' }, false],
    [{ status: 'revoked' }, false],
  ];
  for (const [over, usable] of CASES) t.equal(isUsable(key(over), owner(), NOW), usable, JSON.stringify(over));
  const { owner_epoch: _none, ...earlier } = key();
  t.equal(isUsable(earlier, owner(), NOW), true, 'from before the epoch was kept');
});

t.test('what a caller sends is an id and a secret, or nothing', async (t) => {
  const id = 'key_0196f2b4-6f0a-7d11-9d0a-0c6f5c1b2a3d';
  const secret = 'a'.repeat(43);
  t.same(parseKey(`${id}.${secret}`), { id, secret });
  for (const text of ['', id, `${id}.`, `${id}.${secret}x`, `usr_${id.slice(4)}.${secret}`, ` ${id}.${secret}`])
    t.equal(parseKey(text), undefined, text);
});
