/** The demo's journey over a test's server: every kind of entity, each decided by those who decide it. */
import { createClient } from '../../scripts/demo/client.ts';
import { takeJourney } from '../../scripts/demo/journey.ts';
import type { Report } from '../../scripts/demo/report.ts';
import { TEST_PASSWORD, type TestApi } from './api.ts';

export async function journeyOver(api: TestApi): Promise<void> {
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  const admin = await api.as('admin');
  const { email } = (await admin.get('/auth/me')).body;
  const url = api.app.listeningOrigin;
  await takeJourney(
    createClient(url),
    {
      url,
      admin: { email, password: TEST_PASSWORD },
      webhookSecret: api.config.secrets.webhookSecret,
      storageFolder: undefined,
      stop: async () => undefined,
    },
    silent(),
  );
}

function silent(): Report {
  return {
    steps: 0,
    step: async (_who, _what, run) => (await run())[1],
    heading: () => undefined,
    table: () => undefined,
    lines: () => undefined,
  };
}
