/** The whole server on one screen: every plugin and module, in the order in which a request meets them. */
import { randomUUID } from 'node:crypto';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyPluginAsync, LogController } from 'fastify';
import type { Config } from './config.ts';
import type { Dependencies } from './dependencies.ts';
import { apiKeysModule } from './modules/api-keys/index.ts';
import { approvalsModule } from './modules/approvals/index.ts';
import { auditModule } from './modules/audit/index.ts';
import { authModule } from './modules/auth/index.ts';
import { bankMessagesModule } from './modules/bank-messages/index.ts';
import { documentsModule } from './modules/documents/index.ts';
import { eInvoicesModule } from './modules/e-invoices/index.ts';
import { exportsModule } from './modules/exports/index.ts';
import { invoicesModule } from './modules/invoices/index.ts';
import { oidcModule } from './modules/oidc/index.ts';
import { paymentBatchesModule } from './modules/payment-batches/index.ts';
import { paymentsModule } from './modules/payments/index.ts';
import { purchaseOrdersModule } from './modules/purchase-orders/index.ts';
import { receiptsModule } from './modules/receipts/index.ts';
import { settingsModule } from './modules/settings/index.ts';
import { usersModule } from './modules/users/index.ts';
import { vendorsModule } from './modules/vendors/index.ts';
import { workdayModule } from './modules/workday/index.ts';
import { authenticationPlugin } from './plugins/authentication.ts';
import { authorizationPlugin } from './plugins/authorization.ts';
import { connectionOptions, connectionsPlugin, type Timeouts } from './plugins/connections.ts';
import { errorHandlerPlugin, refuseBrokenUrl } from './plugins/error-handler.ts';
import { healthPlugin } from './plugins/health.ts';
import { idempotencyPlugin } from './plugins/idempotency.ts';
import { metricsPlugin } from './plugins/metrics.ts';
import { openapiPlugin } from './plugins/openapi.ts';
import { pressurePlugin } from './plugins/pressure.ts';
import { rateLimitPlugin } from './plugins/rate-limit.ts';
import { readOnlyPlugin } from './plugins/read-only.ts';
import { requestLogPlugin } from './plugins/request-log.ts';
import { securityHeadersPlugin } from './plugins/security-headers.ts';
import { serializerBuilder } from './plugins/serialization.ts';
import { type RequestTracer, tracingPlugin } from './plugins/tracing.ts';
import { validationPlugin, validatorBuilder } from './plugins/validation.ts';
import { BASE_PATH } from './shared/http/carry-out.ts';
import type { Metrics } from './shared/metrics.ts';

export interface AppOptions {
  readonly config: Config;
  readonly dependencies: Dependencies;
  readonly logger: FastifyBaseLogger;
  readonly version: string;
  readonly checks: Readonly<Record<string, () => Promise<void>>>;
  /** Routes of the embedded store, which serves its own signed URLs; none on AWS. */
  readonly localRoutes?: FastifyPluginAsync | undefined;
  readonly metrics?: Metrics | undefined;
  /** Absent where traces go nowhere: then nothing of it is there. */
  readonly tracer?: RequestTracer | undefined;
  /** True once the process was told to stop and still serves what arrives. */
  readonly draining?: (() => boolean) | undefined;
  /**
   * Every schema before the first request, for a server that is sent requests once it is ready. Else each with the first request that
   * needs it: a function, a laptop and a test start in a tenth of the time.
   */
  readonly compileAtStart?: boolean | undefined;
  /** Others than those of a server that callers reach. */
  readonly timeouts?: Timeouts | undefined;
}

const BODY_LIMIT = 2 * 1024 * 1024;
const REQUEST_ID = /^[\w.:-]{1,100}$/;

export async function buildApp({
  config,
  dependencies,
  logger,
  version,
  checks,
  localRoutes,
  metrics,
  tracer,
  draining = () => false,
  compileAtStart = false,
  timeouts,
}: AppOptions): Promise<FastifyInstance> {
  const app: FastifyInstance = Fastify({
    loggerInstance: logger,
    bodyLimit: BODY_LIMIT,
    ...connectionOptions(timeouts),
    trustProxy: config.trustProxy.length > 0 ? [...config.trustProxy] : false,
    genReqId: (request) => {
      const given = request.headers['x-request-id'];
      return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
    },
    schemaController: {
      compilersFactory: {
        buildValidator: validatorBuilder(compileAtStart) as never,
        buildSerializer: serializerBuilder(compileAtStart) as never,
      },
    },
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    // What arrives on a kept connection while the last requests end is answered like any other.
    return503OnClosing: false,
    frameworkErrors: (_error, request, reply) => void refuseBrokenUrl(app.countRequest, request, reply),
  });
  const { securityLog } = dependencies;
  securityLog.reportTo((err, { kind }) => app.log.error({ err, kind }, 'an entry of the security log is lost'));
  app.addHook('onClose', () => securityLog.drain());

  if (tracer !== undefined) await app.register(tracingPlugin, { tracer });
  await app.register(requestLogPlugin);
  if (metrics !== undefined) await app.register(metricsPlugin, { metrics });
  await app.register(connectionsPlugin);
  await app.register(errorHandlerPlugin);
  // An overloaded server asks nothing more.
  await app.register(pressurePlugin, { maxDelayMs: config.maxDelayMs });
  // Before anyone is asked who they are: a browser's preflight has no token.
  await app.register(securityHeadersPlugin, { corsOrigins: config.corsOrigins });
  await app.register(validationPlugin);
  // What is refused for its token, key or permission counts too.
  const { rateLimits: limits, redisUrl, tablePrefix: prefix } = config;
  await app.register(rateLimitPlugin, { limits, redisUrl, prefix });
  await app.register(authenticationPlugin, {
    identity: dependencies.identity,
    secret: config.secrets.jwtSecret,
    previousSecret: config.secrets.jwtPreviousSecret,
    privateKey: config.secrets.jwtPrivateKey,
    previousPrivateKey: config.secrets.jwtPreviousPrivateKey,
  });
  await app.register(authorizationPlugin, { publicPrefixes: ['/docs'], denied: dependencies.denied });
  await app.register(readOnlyPlugin, {
    requireCommands: async () => {
      await dependencies.writingRegion.requireHere();
      await dependencies.recovery.requireCommands();
    },
    except: [`${BASE_PATH}/auth/`, `${BASE_PATH}/settings/recovery/`],
  });
  await app.register(idempotencyPlugin, { find: dependencies.findReply, fingerprints: dependencies.fingerprints });
  await app.register(openapiPlugin, { enabled: config.docs, version });
  await app.register(healthPlugin, { checks, draining });
  if (localRoutes !== undefined) await app.register(localRoutes);
  await app.register(
    async (api) => {
      await api.register(authModule, dependencies);
      await api.register(oidcModule, dependencies);
      await api.register(usersModule, dependencies);
      await api.register(apiKeysModule, dependencies);
      await api.register(settingsModule, dependencies);
      await api.register(vendorsModule, dependencies);
      await api.register(purchaseOrdersModule, dependencies);
      await api.register(invoicesModule, dependencies);
      await api.register(paymentsModule, dependencies);
      await api.register(paymentBatchesModule, dependencies);
      await api.register(bankMessagesModule, dependencies);
      await api.register(exportsModule, dependencies);
      await api.register(receiptsModule, dependencies);
      await api.register(documentsModule, dependencies);
      await api.register(eInvoicesModule, dependencies);
      await api.register(workdayModule, { ...dependencies, webhookSecret: config.secrets.webhookSecret });
      await api.register(approvalsModule, dependencies);
      await api.register(auditModule, dependencies);
    },
    { prefix: BASE_PATH },
  );
  return app;
}
