/** A test server under the rules of production: four eyes everywhere, cooling periods, no documentation. */
import type { Infrastructure } from '../../src/dependencies.ts';

export const PRODUCTION: NodeJS.ProcessEnv = { NODE_ENV: 'production', P2P_STORE: 'aws', AWS_REGION: 'eu-central-1' };

export const PRODUCTION_RULES: Partial<Infrastructure> = { secondAdmin: true, coolingHours: 24 };
