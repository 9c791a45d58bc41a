/** `npm run freeze-items`: the demo's journey, and what it stored as the frozen items of this release. Refused where they exist. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { testApi } from './api.ts';
import { camt053 } from './bank-messages.ts';
import { FROZEN_KEY, frozenFile, frozenText, storedItems } from './frozen-items.ts';
import { journeyOver } from './journey.ts';

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
const file = frozenFile(version);
if (existsSync(file)) throw new Error(`${file} exists: what a release stored does not change; raise the version first`);

const closing: (() => unknown)[] = [];
const api = await testApi({ teardown: (close) => closing.push(close) }, { P2P_ENCRYPTION_KEY: FROZEN_KEY });
await journeyOver(api);
await addWhatTheDemoLacks();
const items = await storedItems(api);
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, frozenText(items));
console.log(`${file}: ${items.length} items`);
async function addWhatTheDemoLacks(): Promise<void> {
  const admin = await api.as('admin');
  const treasurer = await api.as('treasurer');
  const owner = await api.as('vendor_manager', 'owner of a key');
  const made = [
    await admin.patch('/settings/company', { document_years_ahead: 3 }, { version: 0 }),
    await admin.patch(
      '/settings/unit-conversions',
      { conversions: [{ from_unit: 'BX', to_unit: 'EA', factor: '12' }] },
      { version: 0 },
    ),
    await admin.post('/settings/exchange-rates', { from: 'USD', to: 'EUR', rate: '0.92', valid_from: '2026-12-01' }),
    await admin.post('/api-keys', { name: 'Scanner', scopes: ['vendor:read'], owner_id: owner.id }),
    await api.raw('POST', '/api/v1/bank-messages', {
      headers: { authorization: `Bearer ${treasurer.token}`, 'content-type': 'application/xml' },
      payload: camt053(),
    }),
  ];
  for (const { status, body } of made) if (status >= 300) throw new Error(JSON.stringify(body));
}

for (const close of closing.reverse()) await close();
