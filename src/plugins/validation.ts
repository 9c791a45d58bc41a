/** Two validators: bodies are strict (no coercion, nothing dropped), query, params and headers coerce their texts. Both tell all findings. */

import { promisify } from 'node:util';
import { Ajv, type Options, type ValidateFunction } from 'ajv';
import ajvFormats from 'ajv-formats';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { BASE_PATH } from '../shared/http/carry-out.ts';
import { requireBoundedBody, requireBoundedText } from './body-shape.ts';

/** That the schemas are schemas is Redocly's to check, over the document made from them; here it would cost every start a second. */
const common: Options = {
  allErrors: true,
  useDefaults: true,
  removeAdditional: false,
  strict: 'log',
  validateSchema: false,
};

function makeAjv(options: Options): Ajv {
  const ajv = new Ajv({ ...common, ...options });
  ajvFormats.default(ajv, ['email', 'date', 'date-time', 'uri', 'uuid']);
  // x-decimal speaks to the codec; the others to readers of the OpenAPI document.
  return ajv.addVocabulary(['x-decimal', 'example', 'x-examples']);
}

type Compile = (route: { schema: unknown; httpPart?: string }) => Validate;

/** What Fastify asks of a validator. */
interface Validate {
  (data: unknown): boolean;
  errors?: ValidateFunction['errors'];
}

/** For Fastify's schema controller: called once a context with the schemas it can refer to. */
export const validatorBuilder =
  (atStart: boolean) =>
  (external: unknown): Compile => {
    const compile = compiler(external);
    return atStart ? compile : (route) => lazily(() => compile(route));
  };

function lazily(compile: () => Validate): Validate {
  let compiled: Validate | undefined;
  const validate: Validate = (data) => {
    compiled ??= compile();
    const valid = compiled(data);
    validate.errors = compiled.errors ?? null;
    return valid;
  };
  return validate;
}

/** What was compiled, by the text of the schemas it can refer to: contexts and servers of one process that have the same share it. */
const compilers = new Map<string, (route: { schema: unknown; httpPart?: string }) => ValidateFunction>();

function compiler(external: unknown): (route: { schema: unknown; httpPart?: string }) => ValidateFunction {
  const key = JSON.stringify(external);
  const known = compilers.get(key) ?? makeCompiler(external as Record<string, object>);
  compilers.set(key, known);
  return known;
}

function makeCompiler(
  external: Record<string, object>,
): (route: { schema: unknown; httpPart?: string }) => ValidateFunction {
  const strict = makeAjv({ coerceTypes: false });
  const lenient = makeAjv({ coerceTypes: true });
  for (const [id, schema] of Object.entries(external)) {
    const counted = countedFirst(schema) as object;
    strict.addSchema(counted, id);
    lenient.addSchema(counted, id);
  }
  const compiled = new Map<string, ValidateFunction>();
  return ({ schema, httpPart }) => {
    const ajv = httpPart === 'body' ? strict : lenient;
    const key = `${ajv === strict} ${JSON.stringify(schema)}`;
    const known = compiled.get(key) ?? ajv.compile(countedFirst(schema) as object);
    compiled.set(key, known);
    return known;
  };
}

/** An array with too many items is refused for that alone: none of them is looked at, nor compared with the others. */
function countedFirst(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map(countedFirst);
  const copy = Object.fromEntries(Object.entries(schema).map(([name, member]) => [name, countedFirst(member)]));
  const { items, uniqueItems, ...rest } = copy;
  if (rest['type'] !== 'array' || typeof rest['maxItems'] !== 'number') return copy;
  const inside = { ...(items === undefined ? {} : { items }), ...(uniqueItems === undefined ? {} : { uniqueItems }) };
  return { ...rest, if: { minItems: rest['maxItems'] + 1 }, else: inside };
}

type Parse = (request: FastifyRequest, body: string, done: (error: Error | null, parsed?: unknown) => void) => void;

/** Of a request that nobody has signed for yet, and of everything about passwords and tokens. */
const SMALL_BODY = 16 * 1024;

export const validationPlugin = fp(
  async (app: FastifyInstance) => {
    app.addHook('onRoute', (route) => {
      if (route.config?.public === true || route.url.startsWith(`${BASE_PATH}/auth/`)) route.bodyLimit ??= SMALL_BODY;
    });
    const parse = promisify(app.getDefaultJsonParser('error', 'error') as Parse);
    // Fastify reads text/plain by itself; here it is 415 like every other type.
    app.removeContentTypeParser(['application/json', 'text/plain']);
    app.addContentTypeParser(
      'application/json',
      { parseAs: 'string' },
      async (request: FastifyRequest, body: string) => {
        if (request.routeOptions.config.rawBody === true) request.rawBody = body;
        if (body.trim() === '') return {};
        requireBoundedText(body);
        const parsed = await parse(request, body);
        requireBoundedBody(parsed);
        return parsed;
      },
    );
    // No body equals {}: an action without a reason is sent with nothing at all.
    app.addHook('preValidation', async (request) => {
      if ((request.method === 'POST' || request.method === 'PATCH') && request.body === undefined) request.body = {};
    });
  },
  { name: 'validation' },
);
