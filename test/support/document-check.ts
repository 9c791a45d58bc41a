/** Holds each reply of a test server to its OpenAPI document: status, content type and body are as declared there. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { FastifyInstance } from 'fastify';
import type { Loose } from './api.ts';

export interface GivenReply {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly contentType: string | undefined;
  readonly body: unknown;
}

/** What differs, or undefined. An address that no path of the document has is not its matter. */
export type ReplyCheck = (reply: GivenReply) => string | undefined;

export function replyCheck(app: FastifyInstance): ReplyCheck {
  let made: ReplyCheck | undefined;
  return (reply) => {
    made ??= checkAgainst(app.swagger() as Loose);
    return made(reply);
  };
}

/** One level of a path: what may follow, by its text; a parameter takes any. */
interface Level {
  readonly next: Map<string, Level>;
  path?: string;
}
const PARAMETER = '{}';

function levelsOf(paths: readonly string[]): Level {
  const root: Level = { next: new Map() };
  for (const path of paths) {
    let level = root;
    for (const part of path.split('/')) {
      const name = part.startsWith('{') ? PARAMETER : part;
      const next = level.next.get(name) ?? { next: new Map() };
      level.next.set(name, next);
      level = next;
    }
    level.path = path;
  }
  return root;
}

function pathOf(root: Level, url: string): string | undefined {
  let level: Level | undefined = root;
  for (const part of (url.split('?')[0] ?? '').split('/')) level = level?.next.get(part) ?? level?.next.get(PARAMETER);
  return level?.path;
}

/** By the text of the document: the servers of one process have the same one. */
const checks = new Map<string, ReplyCheck>();

function checkAgainst(document: Loose): ReplyCheck {
  const key = JSON.stringify(document);
  const known = checks.get(key) ?? makeCheck(document);
  checks.set(key, known);
  return known;
}

function makeCheck(document: Loose): ReplyCheck {
  const ajv = new Ajv2020({ strict: false, allErrors: false });
  formats.default(ajv);
  ajv.addSchema(document, 'openapi');
  const levels = levelsOf(Object.keys(document.paths));
  const validators = new Map<string, ValidateFunction>();
  const validator = (pointer: readonly string[], schema: Loose): ValidateFunction => {
    const own = pointer.map((part) => `/${encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))}`);
    const ref: string = schema.$ref ?? `#${own.join('')}`;
    const known = validators.get(ref) ?? ajv.compile({ $ref: `openapi${ref}` });
    validators.set(ref, known);
    return known;
  };
  return ({ method, url, status, contentType, body }) => {
    const path = pathOf(levels, url);
    const operation = path === undefined ? undefined : document.paths[path][method.toLowerCase()];
    if (path === undefined || operation === undefined) return undefined;
    // Any route may meet a record that somebody else wrote: no document declares what no caller can cause.
    if (status === 500 && /"integrity\./.test(JSON.stringify(body))) return undefined;
    const declared = operation.responses[String(status)];
    if (declared === undefined) return `${status} is not declared`;
    if (contentType === undefined) return undefined;
    const type = contentType.split(';')[0] ?? '';
    const schema = declared.content?.[type]?.schema;
    if (schema === undefined) return `${status} as ${type} is not declared`;
    const validate = validator(
      ['paths', path, method.toLowerCase(), 'responses', String(status), 'content', type, 'schema'],
      schema,
    );
    return validate(body) ? undefined : `${status}: ${ajv.errorsText(validate.errors, { dataVar: 'reply' })}`;
  };
}
