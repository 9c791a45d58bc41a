/** What the generator of the OpenAPI document cannot know: who may, what may be left out, and what a dry run answers. */
import type { FastifyContextConfig } from 'fastify';
import { problems } from '../shared/http/schemas.ts';

/** `x-permission` names the permissions of which one is enough; none of them where any sign-in is. */
export function accessOf({ public: isPublic, permission }: FastifyContextConfig = {}): object {
  return isPublic === true ? { security: [] } : { 'x-permission': [permission ?? []].flat() };
}

interface Schema {
  readonly $ref?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly required?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}
type Content = Record<string, { schema?: Schema }>;
interface Operation {
  requestBody?: { required?: boolean; content?: Content };
  parameters?: { name: string; in: string }[];
  responses?: Record<string, { description?: string; content?: Content }>;
}
interface Described {
  paths?: Record<string, Record<string, Operation>>;
  components?: { schemas?: Record<string, Schema> };
}

/** The document as the API is used: a body without a required member may be left out, headers have their usual case. */
export function describedAsUsed<T extends object>(document: T): T {
  const { paths = {}, components = {} } = document as Described;
  const schemas = components.schemas ?? {};
  for (const path of Object.values(paths))
    for (const operation of Object.values(path)) {
      describeBody(operation);
      describeDryRun(operation, schemas);
      for (const parameter of operation.parameters ?? [])
        if (parameter.in === 'header')
          parameter.name = parameter.name.replaceAll(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
      for (const [status, reply] of Object.entries(operation.responses ?? {}))
        if (reply.description === 'Default Response') reply.description = SUCCESS[status] ?? 'Reply';
    }
  return document;
}

const SUCCESS: Readonly<Record<string, string>> = {
  200: 'What stands after it',
  201: 'Created; Location names it',
  202: 'Accepted; it goes on in the background',
  204: 'Done; there is nothing to tell',
  302: 'Where it is',
};

/** Whatever takes a body can be sent one that is too large, or none that it reads. */
const BODY_PROBLEMS = problems(413, 415);
const PROBLEM_CONTENT = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };

function describeBody(operation: Operation): void {
  const body = operation.requestBody;
  if (body === undefined) return;
  const { responses = {} } = operation;
  const missing = Object.entries(BODY_PROBLEMS).filter(([status]) => responses[status] === undefined);
  const added = missing.map(([status, { description }]) => [status, { description, content: PROBLEM_CONTENT }]);
  operation.responses = { ...responses, ...Object.fromEntries(added) };
  const schema = body.content?.['application/json']?.schema;
  if (schema?.$ref === undefined && schema?.required === undefined) body.required = false;
}

/** A dry run answers what it would, but for the ids of what it did not make: they are null. */
function describeDryRun({ parameters = [], responses = {} }: Operation, schemas: Record<string, Schema>): void {
  if (!parameters.some(({ name }) => name === 'dry_run')) return;
  for (const [status, { content }] of Object.entries(responses)) {
    const media = content?.['application/json'];
    if (!status.startsWith('2') || media?.schema?.$ref === undefined) continue;
    const name = nameOf(media.schema.$ref);
    schemas[`${name}DryRun`] ??= {
      ...withNullIds(media.schema, schemas),
      description: `${name} as ?dry_run=true answers it: the id of what would be new is null`,
    };
    media.schema = { anyOf: [media.schema, { $ref: `#/components/schemas/${name}DryRun` }] };
  }
}

const nameOf = (ref: string): string => ref.slice(ref.lastIndexOf('/') + 1);

function withNullIds(schema: Schema, schemas: Readonly<Record<string, Schema>>): Schema {
  if (schema.$ref !== undefined) return withNullIds(schemas[nameOf(schema.$ref)] ?? {}, schemas);
  const within = (inner: Schema): Schema => withNullIds(inner, schemas);
  const properties = Object.entries(schema.properties ?? {}).map(([name, member]): [string, Schema] => [
    name,
    name === 'id' && member.type === 'string' ? { ...member, type: ['string', 'null'] } : within(member),
  ]);
  return {
    ...schema,
    ...(schema.properties === undefined ? {} : { properties: Object.fromEntries(properties) }),
    ...(schema.items === undefined ? {} : { items: within(schema.items) }),
    ...(schema.anyOf === undefined ? {} : { anyOf: schema.anyOf.map(within) }),
  };
}
