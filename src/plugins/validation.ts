/** Two validators: bodies are strict (no coercion, nothing dropped), query, params and headers coerce their texts. Both tell all findings. */

import { Ajv, type Options, type ValidateFunction } from 'ajv';
import ajvFormats from 'ajv-formats';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';

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

function compiler(external: unknown): (route: { schema: unknown; httpPart?: string }) => ValidateFunction {
  const strict = makeAjv({ coerceTypes: false });
  const lenient = makeAjv({ coerceTypes: true });
  for (const [id, schema] of Object.entries(external as Record<string, object>)) {
    strict.addSchema(schema, id);
    lenient.addSchema(schema, id);
  }
  return ({ schema, httpPart }) => (httpPart === 'body' ? strict : lenient).compile(schema as object);
}

export const validationPlugin = fp(
  async (app: FastifyInstance) => {
    const parse = app.getDefaultJsonParser('error', 'error');
    // Fastify reads text/plain by itself; here it is 415 like every other type.
    app.removeContentTypeParser(['application/json', 'text/plain']);
    app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
      const text = body as string;
      if (request.routeOptions.config.rawBody === true) request.rawBody = text;
      if (text.trim() === '') done(null, {});
      else parse(request, text, done);
    });
    // No body equals {}: an action without a reason is sent with nothing at all.
    app.addHook('preValidation', async (request) => {
      if ((request.method === 'POST' || request.method === 'PATCH') && request.body === undefined) request.body = {};
    });
  },
  { name: 'validation' },
);
