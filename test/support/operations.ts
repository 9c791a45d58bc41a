/** Every operation as the server itself describes it, and bodies that are wrong in every member. */
import { ID_PREFIXES, type IdKind, newId } from '../../src/shared/ids.ts';
import type { Permission } from '../../src/shared/permissions.ts';
import type { Loose } from './api.ts';

export interface Operation {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
  /** With ids of the right kinds that name nothing. */
  readonly url: string;
  /** Schema of the body, where it takes one. */
  readonly body: Loose;
  /** Its members, each of another type than it has; numbers for decimals, as a careless client sends them. */
  readonly wrongBody: Loose;
  /** Names of the headers it says it takes. */
  readonly headers: readonly string[];
  readonly queries: readonly string[];
  /** One of them is enough; none is asked where it is empty. */
  readonly permissions: readonly Permission[];
  readonly isPublic: boolean;
  /** A list that takes a cursor and no id. */
  readonly isList: boolean;
}

export function operationsOf(document: Loose): readonly Operation[] {
  const resolve = (schema: Loose): Loose =>
    schema?.$ref === undefined ? schema : document.components.schemas[schema.$ref.split('/').at(-1)];
  return Object.entries<Loose>(document.paths).flatMap(([path, methods]) =>
    Object.entries<Loose>(methods).map(([method, operation]) => {
      const parameters: Loose[] = operation.parameters ?? [];
      const ids = parameters.filter((parameter) => parameter.in === 'path');
      const body = resolve(operation.requestBody?.content?.['application/json']?.schema);
      const namesIn = (place: string): string[] =>
        parameters.filter((parameter) => parameter.in === place).map(({ name }) => name);
      return {
        operationId: operation.operationId,
        method: method.toUpperCase(),
        path,
        url: ids.reduce<string>((url, { name, schema }) => url.replace(`{${name}}`, idOf(schema.pattern ?? '')), path),
        body,
        wrongBody: body?.properties === undefined ? undefined : wrongMembers(body, resolve),
        headers: namesIn('header'),
        queries: namesIn('query'),
        permissions: operation['x-permission'] ?? [],
        isPublic: operation.security?.length === 0,
        isList: method === 'get' && ids.length === 0 && parameters.some(({ name }) => name === 'cursor'),
      };
    }),
  );
}

const kinds = Object.keys(ID_PREFIXES) as IdKind[];
const idOf = (pattern: string): string =>
  newId(kinds.find((kind) => pattern.startsWith(`^${ID_PREFIXES[kind]}_`)) ?? 'vendor');

type Resolve = (schema: Loose) => Loose;

const wrongMembers = (schema: Loose, resolve: Resolve): Loose =>
  Object.fromEntries(Object.entries(schema.properties).map(([name, member]) => [name, wrong(member, resolve)]));

function wrong(given: Loose, resolve: Resolve): unknown {
  const schema = resolve(given);
  const options: Loose[] = schema.anyOf ?? [schema];
  const [first] = options.map(resolve).filter(({ type }: Loose) => type !== 'null');
  const items = first.type === 'array' ? resolve(first.items) : undefined;
  if (items?.type === 'object') return [wrongMembers(items, resolve)];
  if (first.type === 'object' && first.properties !== undefined) return wrongMembers(first, resolve);
  return ['integer', 'number', 'boolean'].includes(first.type) ? 'much' : 12.5;
}

/** Pointer of every leaf of a body. */
export function leaves(value: unknown, pointer = '#'): string[] {
  if (typeof value !== 'object' || value === null) return [pointer];
  return Object.entries(value).flatMap(([name, member]) => leaves(member, `${pointer}/${name}`));
}
