/** What any release stored, this one reads, shows as its contract says, and goes on deciding on. */
import t from 'tap';
import { ROLES } from '../../src/shared/permissions.ts';
import { type Caller, testApi } from '../support/api.ts';
import { FROZEN_KEY, type FrozenItem, frozenItems, frozenReleases, restoreItems } from '../support/frozen-items.ts';

/** Where an item with such an id is read. */
const PATHS: readonly (readonly [RegExp, (item: FrozenItem['item']) => string])[] = [
  [/^ven_[^#]+$/, ({ id }) => `/vendors/${id?.S}`],
  [/^acc_[^#]+$/, ({ id, vendor_id }) => `/vendors/${vendor_id?.S}/bank-accounts/${id?.S}`],
  [/^po_[^#]+$/, ({ id }) => `/purchase-orders/${id?.S}`],
  [/^rcv_[^#]+$/, ({ id }) => `/receipts/${id?.S}`],
  [/^inv_[^#]+$/, ({ id }) => `/invoices/${id?.S}`],
  [/^inv_[^#]+#match$/, ({ id }) => `/invoices/${id?.S?.replace('#', '/')}`],
  [/^pay_[^#]+$/, ({ id }) => `/payments/${id?.S}`],
  [/^bat_[^#]+$/, ({ id }) => `/payment-batches/${id?.S}`],
  [/^doc_[^#]+$/, ({ id }) => `/documents/${id?.S}`],
  [/^usr_[^#]+$/, ({ id }) => `/users/${id?.S}`],
  [/^key_[^#]+$/, ({ id }) => `/api-keys/${id?.S}`],
  [/^msg_[^#]+$/, ({ id }) => `/bank-messages/${id?.S}`],
  [/^deb_[^#]+$/, ({ id }) => `/settings/debtor-accounts/${id?.S}`],
  [/^fxr_[^#]+$/, ({ id }) => `/settings/exchange-rates/${id?.S}`],
  [/^company$/, () => '/settings/company'],
  [/^unit_conversions$/, () => '/settings/unit-conversions'],
];

/** One decision on each kind that takes one in the state in which it was frozen. */
const DECISIONS: readonly (readonly [RegExp, (caller: Caller, path: string, version: number) => Promise<Answer>])[] = [
  [/^\/vendors\/[^/]+$/, (caller, path, version) => caller.post(`${path}/hold`, { reason: 'frozen' }, { version })],
  [/bank-accounts/, (caller, path, version) => caller.post(`${path}/revoke`, { reason: 'frozen' }, { version })],
  [/^\/purchase-orders/, (caller, path, version) => caller.post(`${path}/close`, { reason: 'frozen' }, { version })],
  [/^\/users/, (caller, path, version) => caller.patch(path, { name: 'Renamed' }, { version })],
  [/^\/api-keys/, (caller, path, version) => caller.post(`${path}/revoke`, { reason: 'frozen' }, { version })],
  [/company/, (caller, path, version) => caller.patch(path, { document_years_ahead: 2 }, { version })],
  [/unit-conv/, (caller, path, version) => caller.patch(path, { conversions: [] }, { version })],
];

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

for (const release of frozenReleases())
  t.test(`what release ${release} stored is read, shown and decided on`, async (t) => {
    const api = await testApi(t, { P2P_ENCRYPTION_KEY: FROZEN_KEY });
    await restoreItems(api, frozenItems(release));
    const everyone = await api.as(
      ROLES.filter((role) => role !== 'integration'),
      'everyone',
    );
    const versions = new Map<string, number>();
    for (const { item } of frozenItems(release)) {
      const path = PATHS.find(([pattern]) => pattern.test(item['id']?.S ?? ''))?.[1](item);
      if (path === undefined) continue;
      const { status, body } = await everyone.get(path);
      t.equal(status, 200, status === 200 ? path : `${path}: ${JSON.stringify(body)}`);
      versions.set(path, body.version);
    }
    t.ok(versions.size >= 15, `${versions.size} kinds of them`);
    for (const [pattern, decide] of DECISIONS) {
      const path = [...versions.keys()].find((known) => pattern.test(known)) ?? '';
      const { status, body } = await decide(everyone, path, versions.get(path) ?? 0);
      t.ok(status < 300, status < 300 ? path : `${path}: ${JSON.stringify(body)}`);
    }
  });
