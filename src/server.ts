/** The process: read the environment, open what it stands on, listen, and close gracefully. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { buildApp } from './app.ts';
import { type Config, readConfig, withoutSdkAdvice } from './config.ts';
import { decisionMetrics } from './decision-metrics.ts';
import { createDependencies, type Dependencies } from './dependencies.ts';
import { openAws, type RunningInfrastructure } from './infrastructure.ts';
import { openLocal } from './local/open-local.ts';
import { ensureFirstAdmin, ensureTwoAdmins, type FirstAdmin } from './modules/users/index.ts';
import { withSecretValues } from './secret-values.ts';
import { collectedLog, loggerOptions } from './shared/logging.ts';
import { createMetrics } from './shared/metrics.ts';
import { startTracing } from './start-tracing.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

try {
  withoutSdkAdvice(process.env);
  await serve(await withSecretValues(readConfig(process.env)));
} catch (error) {
  console.error(sentenceOf(error));
  process.exitCode = 1;
}

/** What a person who starts the server can act on; a defect keeps its stack. */
function sentenceOf(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { code, port } = error as { code?: string; port?: number };
  if (code === 'EADDRINUSE') return `Port ${port} is in use. Stop what listens there, or choose another with PORT.`;
  return error instanceof TypeError || error instanceof ReferenceError ? error : error.message;
}

async function serve(config: Config): Promise<void> {
  const running = config.store === 'local' ? await openLocal(config) : openAws(config);
  try {
    let draining = false;
    const { dependencies, app, tracing } = await assemble(config, running, () => draining);
    const writes = await dependencies.writingRegion.begin(new Date());
    if (!writes) app.log.warn({ region: config.region }, 'another Region writes: this server only reads');
    // Whoever finds the server alive can sign in. A generated password is shown once, so it is made only when the port is ours.
    const given = config.production || config.adminPassword !== undefined;
    const makeAdmin = () => (writes ? firstAdmin(config, running, dependencies) : undefined);
    const known = given ? await makeAdmin() : undefined;
    const address = await app.listen({ host: config.host, port: config.port });
    running.listening(address);
    closeOnSignals(async () => {
      // A load balancer takes its time to look elsewhere: until then what it sends is served.
      draining = true;
      await sleep(config.drainSeconds * 1000);
      await app.close();
      await running.stop();
      await tracing?.close();
    });
    const admin = given ? known : await makeAdmin();
    if (config.store === 'local') greet(config, address, admin);
    else app.log.info({ address, version }, 'listening');
  } catch (error) {
    await running.stop();
    throw error;
  }
}

async function assemble(config: Config, running: RunningInfrastructure, draining: () => boolean) {
  const metrics = config.metrics
    ? createMetrics({ namespace: config.metricsNamespace, write: (line) => process.stdout.write(line) })
    : undefined;
  const observer = metrics === undefined ? undefined : decisionMetrics(metrics);
  const dependencies = createDependencies({ ...running.infrastructure, observer });
  const logger = loggerOf(config);
  const tracing = await startTracing(config, { version, clients: running.clients, log: logger });
  const app = await buildApp({
    config: { ...config, secrets: running.secrets },
    dependencies,
    logger,
    version,
    checks: running.checks,
    localRoutes: running.localRoutes,
    metrics,
    tracer: tracing,
    draining,
    compileAtStart: config.store === 'aws',
  });
  return { dependencies, app, tracing };
}

/** A person who watches a terminal sees each line at once. */
function loggerOf({ store, logLevel }: Config) {
  return store === 'local' ? pino(loggerOptions(logLevel)) : pino(loggerOptions(logLevel), collectedLog());
}

/**
 * In production two people with a link each; else one with a password. Where none is given a generated one is shown once, on the
 * embedded store's terminal alone: a log of AWS is no place for it.
 */
async function firstAdmin(
  config: Config,
  { infrastructure }: RunningInfrastructure,
  { userRepository: users, unitOfWork }: Dependencies,
): Promise<FirstAdmin | undefined> {
  const deps = { ...infrastructure, users, unitOfWork };
  const { adminEmail: email, secondAdminEmail, adminPassword: password } = config;
  if (config.production && secondAdminEmail !== undefined)
    await ensureTwoAdmins(deps, {
      emails: [email, secondAdminEmail],
      mail: infrastructure.mail,
      page: config.enrolmentPage,
      now: new Date(),
    });
  if (config.production || (config.store === 'aws' && password === undefined)) return undefined;
  return ensureFirstAdmin(deps, { email, password, now: new Date() });
}

function greet(config: Config, address: string, admin: FirstAdmin | undefined): void {
  const password =
    admin?.generatedPassword === undefined
      ? admin === undefined
        ? `the password of the first start (lost? stop, delete ${config.dataDir}, start again: that deletes the data too)`
        : 'the password in P2P_ADMIN_PASSWORD'
      : `${admin.generatedPassword}   (shown this once)`;
  console.log(
    [
      '',
      `  ERP-Lite Procure-to-Pay ${version}`,
      '',
      `  API         ${address}/api/v1`,
      ...(config.docs ? [`  Swagger UI  ${address}/docs`] : []),
      `  Data        ${config.dataDir} (DynamoDB Local and files; durable)`,
      '',
      `  Sign in     POST ${address}/api/v1/auth/token`,
      `  e-mail      ${config.adminEmail}`,
      `  password    ${password}`,
      '',
      '  One person may decide alone here: production takes two administrators, each with a link by mail.',
      '',
      '  Stop with Ctrl+C. `npm run demo` takes the whole journey.',
      '',
    ].join('\n'),
  );
}

/** The first signal lets requests in flight end; a second one does not wait. */
function closeOnSignals(close: () => Promise<void>): void {
  let closing = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (closing) process.exit(1);
    closing = true;
    close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(`${signal}: could not close cleanly:`, error);
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stop);
}
