/** The whole server over one test file's own tables, and a caller for every role. Requests go through Fastify's injection. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { pino } from 'pino';
import { type AppOptions, buildApp } from '../../src/app.ts';
import { type Config, readConfig } from '../../src/config.ts';
import { createDependencies, type Dependencies, type Infrastructure } from '../../src/dependencies.ts';
import { storageRoutes } from '../../src/local/storage-routes.ts';
import { hashPassword } from '../../src/modules/users/password.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { idSource } from '../../src/shared/command.ts';
import { createVault } from '../../src/shared/crypto.ts';
import { createDocumentClient, type DocumentClient } from '../../src/shared/dynamo/client.ts';
import { newId } from '../../src/shared/ids.ts';
import type { Letter } from '../../src/shared/mail/mail.ts';
import { permissionsOf, type Role } from '../../src/shared/permissions.ts';
import { type FolderStorage, folderStorage } from '../../src/shared/storage/folder-storage.ts';
import { type ReplyCheck, replyCheck } from './document-check.ts';
import { type TestDynamo, testDynamo } from './dynamodb-local.ts';

export type Json = Record<string, unknown>;
// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the reply has, and fails on what it has not
export type Loose = any;

export interface TestReply {
  readonly status: number;
  readonly headers: LightMyRequestResponse['headers'];
  readonly body: Loose;
}

export interface RequestOptions {
  readonly headers?: Record<string, string>;
  /** Sent as If-Match: the version seen. */
  readonly version?: number;
}

export interface Caller {
  readonly id: string;
  readonly token: string;
  get(path: string, options?: RequestOptions): Promise<TestReply>;
  post(path: string, body?: unknown, options?: RequestOptions): Promise<TestReply>;
  patch(path: string, body: unknown, options?: RequestOptions): Promise<TestReply>;
  delete(path: string, options?: RequestOptions): Promise<TestReply>;
}

export interface TestApi {
  readonly app: FastifyInstance;
  readonly config: Config;
  readonly dependencies: Dependencies;
  readonly infrastructure: Infrastructure;
  readonly dynamo: TestDynamo;
  readonly client: DocumentClient;
  /** Every letter the server wrote. */
  readonly letters: Letter[];
  /** Everything the server logged, a line an entry. */
  readonly log: string[];
  /** A person with these roles; the same name is the same person. */
  as(role: Role | readonly Role[], name?: string): Promise<Caller>;
  /** Without a sign-in, or with the headers given. */
  raw(
    method: string,
    path: string,
    options?: { headers?: Record<string, string>; payload?: string | Json },
  ): Promise<TestReply>;
  /** Another server over the same tables, as a second task would be. */
  another(overrides?: Partial<Infrastructure>): Promise<FastifyInstance>;
}

interface Teardown {
  teardown(fn: () => Promise<void> | void): unknown;
}

export async function testApi(
  t: Teardown,
  environment: NodeJS.ProcessEnv = {},
  overrides: Partial<Infrastructure> = {},
  options: Partial<AppOptions> = {},
): Promise<TestApi> {
  const dynamo = await testDynamo(t);
  await dynamo.createTables();
  const config = readConfig({
    P2P_JWT_SECRET: 'a secret that only this test file knows',
    P2P_WEBHOOK_SECRET: 'a webhook secret that only this test knows',
    P2P_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    P2P_RATE_LIMIT: '1000000',
    // A machine that runs many tests is late by itself.
    P2P_MAX_DELAY_MS: '0',
    ...environment,
  });
  const client = createDocumentClient(dynamo.config);
  // Not the test's own folder: there is one of that for all files of a process.
  const root = mkdtempSync(join(tmpdir(), 'p2p-test-'));
  const secret = randomBytes(32).toString('base64');
  // Injection needs no address; a test that listens uploads to its own.
  const origin = (): string => (app.server.listening ? app.listeningOrigin : 'http://127.0.0.1');
  const storages: FolderStorage[] = [];
  const bucket = (name: string): FolderStorage => {
    const storage = folderStorage({ root, bucket: name, baseUrl: () => origin(), secret });
    storages.push(storage);
    return storage;
  };
  const letters: Letter[] = [];
  const infrastructure: Infrastructure = {
    client,
    tableNames: dynamo.names,
    vault: createVault(config.secrets.encryptionKey ?? ''),
    storage: { payments: bucket('payments'), documents: bucket('documents'), backups: bucket('backups') },
    coolingHours: 0,
    secondAdmin: false,
    mail: { send: async (letter) => void letters.push(letter) },
    showLinks: true,
    ...overrides,
  };
  const log: string[] = [];
  const dependencies = createDependencies(infrastructure);
  const build = (deps: Dependencies) =>
    buildApp({
      config,
      dependencies: deps,
      logger: pino({ level: 'debug' }, { write: (line: string) => void log.push(line) }),
      version: '0.0.0-test',
      checks: {},
      localRoutes: (app) => storageRoutes(app, { storages, secret, clock: systemClock }),
      ...options,
    });
  const app = await build(dependencies);
  await app.ready();
  t.teardown(async () => {
    await app.close();
    client.destroy();
    rmSync(root, { recursive: true, force: true });
  });
  const people = new Map<string, Promise<Caller>>();
  const api: TestApi = {
    app,
    config,
    dependencies,
    infrastructure,
    dynamo,
    client,
    letters,
    log,
    as(role, name = '') {
      const roles = typeof role === 'string' ? [role] : [...role];
      const key = `${roles.join(',')} ${name}`;
      const known = people.get(key) ?? createCaller(app, dependencies, roles, key);
      people.set(key, known);
      return known;
    },
    async raw(method, path, { headers = {}, payload } = {}) {
      return send(app, {
        method: method as 'GET',
        url: path,
        headers,
        ...(payload === undefined ? {} : { payload }),
      });
    },
    async another(overrides = {}) {
      const other = await build(createDependencies({ ...infrastructure, ...overrides }));
      t.teardown(() => other.close());
      await other.ready();
      return other;
    },
  };
  return api;
}

/** The token of the last link that was sent to this address. */
export function mailedToken(letters: readonly Letter[], email: string): string {
  const invitations = letters.filter(({ to, subject }) => to === email && subject === 'Choose your password');
  const token = /usr_[0-9a-f-]{36}\.[\w-]{43}/.exec(invitations.at(-1)?.text ?? '')?.[0];
  if (token === undefined) throw new Error(`no link was sent to ${email}`);
  return token;
}

/** Chooses a password by a link, as the person does. */
export async function enrol(api: Pick<TestApi, 'raw'>, token: string, password = TEST_PASSWORD): Promise<TestReply> {
  return api.raw('POST', '/api/v1/auth/enrol', { payload: { token, password } });
}

/** One hash for all, and a cheap one: scrypt is slow on purpose. */
export const TEST_PASSWORD = 'correct horse battery staple';
let passwordHash: Promise<string> | undefined;

async function createCaller(
  app: FastifyInstance,
  dependencies: Dependencies,
  roles: readonly Role[],
  key: string,
): Promise<Caller> {
  passwordHash ??= hashPassword(TEST_PASSWORD, { N: 2 ** 10, r: 8, p: 1 });
  const id = newId('user');
  const email = `${key.toLowerCase().replaceAll(/[^a-z0-9]+/g, '.')}x@example.com`;
  const password_hash = await passwordHash;
  const { userRepository: users, unitOfWork } = dependencies;
  const actor = { id, roles: [], permissions: permissionsOf([]) };
  const command = { actor, now: new Date(), request_id: 'test', dryRun: false, ids: idSource() };
  await unitOfWork.run(command, async () => {
    const { entity, writes } = users.users.create(command, {
      id,
      status: 'active',
      email,
      name: key,
      roles: [...roles],
      approval_limit: null,
      password_hash,
      password_one_time: false,
      auth_epoch: 1,
      proposed: null,
      created_by: id,
    });
    return { result: entity, writes: [...writes, ...users.emailWrites(undefined, entity)] };
  });
  return caller(app, id, app.signAccessToken({ sub: id, roles, epoch: 1 }));
}

export function caller(app: FastifyInstance, id: string, token: string): Caller {
  const request = (method: string, path: string, body: unknown, options: RequestOptions = {}): Promise<TestReply> =>
    send(app, {
      method: method as 'GET',
      url: path.startsWith('/') && !path.startsWith('/api/') ? `/api/v1${path}` : path,
      headers: {
        authorization: `Bearer ${token}`,
        ...(options.version === undefined ? {} : { 'if-match': `"${options.version}"` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });
  return {
    id,
    token,
    get: (path, options) => request('GET', path, undefined, options),
    post: (path, body, options) => request('POST', path, body, options),
    patch: (path, body, options) => request('PATCH', path, body, options),
    delete: (path, options) => request('DELETE', path, undefined, options),
  };
}

const checks = new WeakMap<FastifyInstance, ReplyCheck>();

/** Whatever a test asks: a reply that the OpenAPI document does not declare fails it. */
async function send(app: FastifyInstance, options: InjectOptions): Promise<TestReply> {
  const response = await app.inject(options);
  const { statusCode: status, headers } = response;
  const type = headers['content-type'] === undefined ? undefined : String(headers['content-type']);
  const body = type?.includes('json') && response.body !== '' ? JSON.parse(response.body) : response.body;
  const check = checks.get(app) ?? replyCheck(app);
  checks.set(app, check);
  const [method, url] = [String(options.method), String(options.url)];
  const differs = check({ method, url, status, contentType: type, body });
  if (differs !== undefined) throw new Error(`${method} ${url} differs from the document: ${differs}`);
  return { status, headers, body };
}
