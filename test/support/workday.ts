/** A callback of Workday, signed as it signs them. */
import { signatureOf } from '../../src/modules/workday/signature.ts';
import type { TestApi, TestReply } from './api.ts';

export interface SignedCallback {
  readonly headers: Record<string, string>;
  readonly payload: string;
}

export function signedCallback({ config }: Pick<TestApi, 'config'>, body: object): SignedCallback {
  const payload = JSON.stringify(body);
  const seconds = String(Math.floor(Date.now() / 1000));
  const signature = signatureOf(config.secrets.webhookSecret ?? '', seconds, payload);
  return { headers: { 'content-type': 'application/json', 'x-signature': `t=${seconds},v1=${signature}` }, payload };
}

export const workdayCallback = (api: TestApi, body: object): Promise<TestReply> =>
  api.raw('POST', '/api/v1/workday/callback', signedCallback(api, body));
