/** A small HTTP client of the API as a consumer would write it: signs in, sends JSON, fails on what it did not expect. */

// biome-ignore lint/suspicious/noExplicitAny: the demo reads replies as a script would
export type Loose = any;

export interface Person {
  readonly id: string;
  /** As the steps print them. */
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

export interface Reply {
  readonly status: number;
  readonly body: Loose;
}

export class UnexpectedReply extends Error {
  readonly status: number;
  constructor(method: string, path: string, reply: Reply) {
    super(`${method} ${path} answered ${reply.status}: ${JSON.stringify(reply.body)}`);
    this.name = 'UnexpectedReply';
    this.status = reply.status;
  }
}

export interface Client {
  /** @throws UnexpectedReply */
  signIn(person: Pick<Person, 'email' | 'password'>): Promise<void>;
  /** Chooses a password by the token of a link, and is signed in. @throws UnexpectedReply */
  enrol(person: Pick<Person, 'email' | 'password'>, token: string): Promise<void>;
  get(who: Pick<Person, 'email'>, path: string): Promise<Loose>;
  /** Sends If-Match where a version is given; expects a 2xx. */
  post(who: Pick<Person, 'email'>, path: string, body?: object, version?: number): Promise<Loose>;
  patch(who: Pick<Person, 'email'>, path: string, body: object, version: number): Promise<Loose>;
  /** The same for a request that must be refused with that status. */
  refused(who: Pick<Person, 'email'>, path: string, status: number, body?: object, version?: number): Promise<Loose>;
  raw(method: string, path: string, headers: Record<string, string>, body?: string): Promise<Reply>;
}

export function createClient(url: string): Client {
  const tokens = new Map<string, string>();

  async function raw(method: string, path: string, headers: Record<string, string>, body?: string): Promise<Reply> {
    const response = await fetch(path.startsWith('http') ? path : `${url}/api/v1${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    const json = (response.headers.get('content-type') ?? '').includes('json') && text !== '';
    return { status: response.status, body: json ? JSON.parse(text) : text };
  }

  function send(
    method: string,
    who: Pick<Person, 'email'>,
    path: string,
    body?: object,
    version?: number,
  ): Promise<Reply> {
    return raw(
      method,
      path,
      {
        authorization: `Bearer ${tokens.get(who.email) ?? ''}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(version === undefined ? {} : { 'if-match': `"${version}"` }),
      },
      body === undefined ? undefined : JSON.stringify(body),
    );
  }

  async function succeed(
    method: string,
    who: Pick<Person, 'email'>,
    path: string,
    body?: object,
    version?: number,
  ): Promise<Loose> {
    const reply = await send(method, who, path, body, version);
    if (reply.status < 200 || reply.status > 299) throw new UnexpectedReply(method, path, reply);
    return reply.body;
  }

  async function begin(email: string, path: string, body: object): Promise<void> {
    const reply = await raw('POST', path, { 'content-type': 'application/json' }, JSON.stringify(body));
    if (reply.status !== 200) throw new UnexpectedReply('POST', path, reply);
    tokens.set(email, reply.body.access_token);
  }

  return {
    raw,
    signIn: ({ email, password }) => begin(email, '/auth/token', { email, password }),
    enrol: ({ email, password }, token) => begin(email, '/auth/enrol', { token, password }),
    async get(who, path) {
      const reply = await send('GET', who, path);
      if (reply.status !== 200) throw new UnexpectedReply('GET', path, reply);
      return reply.body;
    },
    post: (who, path, body, version) => succeed('POST', who, path, body, version),
    patch: (who, path, body, version) => succeed('PATCH', who, path, body, version),
    async refused(who, path, status, body, version) {
      const reply = await send('POST', who, path, body, version);
      if (reply.status !== status) throw new UnexpectedReply('POST', path, reply);
      return reply.body;
    },
  };
}
