/** A test server under the rules of production: four eyes everywhere, links by mail alone, cooling periods, no documentation. */
import type { Infrastructure } from '../../src/dependencies.ts';

export const PRODUCTION: NodeJS.ProcessEnv = {
  NODE_ENV: 'production',
  P2P_STORE: 'aws',
  AWS_REGION: 'eu-central-1',
  P2P_MAIL_FROM: 'p2p@example.com',
};

export const PRODUCTION_RULES: Partial<Infrastructure> = { secondAdmin: true, coolingHours: 24, showLinks: false };
