/** A person's authenticator app, and the passing of time that it would wait for. */
import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { Secret, TOTP } from 'otpauth';
import { type Caller, caller, TEST_PASSWORD, type TestApi } from './api.ts';

export interface Authenticator {
  readonly secret: string;
  /** The one that set it. */
  readonly first: string;
  readonly recovery_codes: readonly string[];
  /** Signed in with the factor. */
  readonly person: Caller;
  /** What the app shows, that many steps of 30 seconds from now. */
  code(steps?: number): string;
  /** As if the last code that was used were long over. */
  later(): Promise<void>;
}

export const totpCode = (secret: string, steps = 0): string =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + steps * 30_000 });

/** Sets a second factor as the person does. */
export async function withSecondFactor(
  api: TestApi,
  { id }: Pick<Caller, 'id'>,
  password = TEST_PASSWORD,
): Promise<Authenticator> {
  const { email } = await api.dependencies.users.get(id);
  const signedIn = await api.raw('POST', '/api/v1/auth/token', { payload: { email, password } });
  const before = caller(api.app, id, signedIn.body.access_token);
  const begun = await before.post('/auth/second-factor', { current_password: password });
  const { secret } = begun.body;
  if (begun.status !== 200) throw new Error(JSON.stringify(begun.body));
  const first = totpCode(secret);
  const { status, body } = await before.post('/auth/second-factor/confirm', { totp_code: first });
  if (status !== 200) throw new Error(JSON.stringify(body));
  return {
    secret,
    first,
    recovery_codes: body.recovery_codes,
    person: caller(api.app, id, body.access_token),
    code: (steps) => totpCode(secret, steps),
    async later() {
      const factor = (await api.dependencies.users.get(id)).second_factor;
      const Key = { id: `totp#${factor?.id}` };
      await api.client.send(new DeleteCommand({ TableName: api.dynamo.names.sessions, Key }));
    },
  };
}
