/** The same server behind AWS Lambda: a proxy event of API Gateway, version 1 or 2, becomes a request, its reply the answer. */
import { setTimeout as sleep } from 'node:timers/promises';
import awsLambdaFastify, { type LambdaFastifyOptions, type LambdaResponse } from '@fastify/aws-lambda';
import { pino } from 'pino';
import { buildApp } from './app.ts';
import type { Config } from './config.ts';
import { decisionMetrics } from './decision-metrics.ts';
import { createDependencies, type Dependencies, type Infrastructure } from './dependencies.ts';
import { openAws } from './infrastructure.ts';
import { ensureFirstAdmin, ensureTwoAdmins } from './modules/users/index.ts';
import { withSecretValues } from './secret-values.ts';
import { loggerOptions } from './shared/logging.ts';
import { createMetrics } from './shared/metrics.ts';
import { startTracing } from './start-tracing.ts';

export interface ProxyContext {
  getRemainingTimeInMillis(): number;
}

export interface LambdaServer {
  readonly handler: (event: object, context: ProxyContext) => Promise<LambdaResponse>;
  close(): Promise<void>;
}

/** API Gateway is the only one who calls the function, and it appends who called it. */
const API_GATEWAY = '127.0.0.1/32';
/** Of the time a call has, what stays for the reply. */
const MARGIN_MS = 1_500;
/** The images of Swagger UI. */
const BINARY = ['image/png', 'image/x-icon', 'application/octet-stream'];

/** @param write takes the lines of the metrics, which CloudWatch reads from the function's log */
export async function openLambda(
  given: Config,
  version: string,
  write: (line: string) => unknown = (line) => process.stdout.write(line),
): Promise<LambdaServer> {
  if (given.store === 'local')
    throw new Error(
      'Lambda keeps no folder between calls: set P2P_STORE=aws, with tables and buckets made by Terraform.',
    );
  const config = await withSecretValues(given);
  const running = openAws(config);
  const { infrastructure } = running;
  const metrics = createMetrics({ namespace: config.metricsNamespace, write });
  const dependencies = createDependencies({ ...infrastructure, observer: decisionMetrics(metrics) });
  const logger = pino(loggerOptions(config.logLevel));
  const tracing = await startTracing(config, { version, clients: running.clients, log: logger });
  const app = await buildApp({
    config: {
      ...config,
      trustProxy: [API_GATEWAY, ...config.trustProxy],
      secrets: running.secrets,
      // Between calls the function stands still, which would pass for a delay; and it takes one request at a time.
      maxDelayMs: 0,
    },
    dependencies,
    logger,
    version,
    checks: running.checks,
    localRoutes: running.localRoutes,
    metrics,
    tracer: tracing,
  });
  // It decorates the app's requests, so it comes before ready().
  const proxy = awsLambdaFastify<object, LambdaFastifyOptions, LambdaResponse>(app, {
    binaryMimeTypes: BINARY,
    parseCommaSeparatedQueryParams: false,
    decorateRequest: false,
  });
  await app.ready();
  const writes = await dependencies.writingRegion.begin(new Date());
  if (!writes) app.log.warn({ region: config.region }, 'another Region writes: this function only reads');
  else await firstAdmins(config, infrastructure, dependencies);
  return {
    async handler(event, context) {
      const reply = await proxy(event, context as never);
      // Between calls the function stands still: a run begun here ends here, or is taken up by resume-batches.
      const limit = new AbortController();
      await Promise.race([
        dependencies.paymentBatches.idle(),
        sleep(Math.max(0, context.getRemainingTimeInMillis() - MARGIN_MS), undefined, { signal: limit.signal }).catch(
          () => undefined,
        ),
      ]);
      limit.abort();
      metrics.flush();
      await Promise.all([dependencies.securityLog.drain(), tracing?.flush()]);
      return reply;
    },
    async close() {
      await app.close();
      await running.stop();
      await tracing?.close();
    },
  };
}

async function firstAdmins(
  { production, adminEmail: email, secondAdminEmail: second, adminPassword: password, enrolmentPage: page }: Config,
  infrastructure: Infrastructure,
  { userRepository: users, unitOfWork }: Dependencies,
): Promise<void> {
  const deps = { ...infrastructure, users, unitOfWork };
  const now = new Date();
  if (production && second !== undefined)
    await ensureTwoAdmins(deps, { emails: [email, second], mail: infrastructure.mail, page, now });
  else if (!production && password !== undefined) await ensureFirstAdmin(deps, { email, password, now });
}
