/**
 * The whole journey, from a vendor to the bank file and the proof of its trail, each step with who did it.
 * `npm run demo` starts a server of its own; `npm run demo -- http://127.0.0.1:3000` takes a running one, whose admin's
 * e-mail and password stand in P2P_ADMIN_EMAIL and P2P_ADMIN_PASSWORD (a second admin's, where it has one, in
 * P2P_SECOND_ADMIN_EMAIL and P2P_SECOND_ADMIN_PASSWORD). Exit code 0 only if every step did what it says.
 */
import { createClient } from './client.ts';
import { takeJourney } from './journey.ts';
import { type DemoServer, startOwnServer } from './own-server.ts';
import { createReport } from './report.ts';

const url = process.argv[2]?.replace(/\/$/, '');
const report = createReport();
try {
  const server = url === undefined ? await startOwnServer() : named(url);
  try {
    console.log(`ERP-Lite Procure-to-Pay at ${server.url}`);
    await takeJourney(createClient(server.url), server, report);
    console.log(`\nAll ${report.steps} steps did what they say.`);
  } finally {
    await server.stop();
  }
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

function named(address: string): DemoServer {
  const { P2P_ADMIN_EMAIL: email = 'admin@example.com', P2P_ADMIN_PASSWORD: password } = process.env;
  if (password === undefined)
    throw new Error('Set P2P_ADMIN_PASSWORD (and P2P_ADMIN_EMAIL) to the admin of the server you named.');
  const { P2P_SECOND_ADMIN_EMAIL: secondEmail, P2P_SECOND_ADMIN_PASSWORD: secondPassword } = process.env;
  return {
    url: address,
    admin: { email, password },
    secondAdmin:
      secondEmail === undefined || secondPassword === undefined
        ? undefined
        : { email: secondEmail, password: secondPassword },
    webhookSecret: process.env['P2P_WEBHOOK_SECRET'],
    storageFolder: undefined,
    stop: async () => undefined,
  };
}
