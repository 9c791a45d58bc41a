/** A list's page as its request asks for it; the cursor is bound to caller, path and filters. */
import type { FastifyRequest } from 'fastify';
import { canonicalJson } from '../audit/canonical.ts';
import type { PageRequest } from '../dynamo/query.ts';
import { DomainError } from '../errors.ts';
import { actorOf } from './carry-out.ts';

/** @throws DomainError 400 for a range of days that ends before it begins: the store takes none, and no item is in it. */
export function pageRequest(request: FastifyRequest): PageRequest {
  const { id, via = id } = actorOf(request);
  const { limit, cursor, ...filters } = request.query as { limit: number; cursor?: string };
  refuseReversed(filters);
  return {
    limit,
    cursor,
    binding: {
      principal: via,
      query: `${request.url.split('?')[0]} ${canonicalJson(filters)}`,
    },
  };
}

function refuseReversed(filters: Readonly<Record<string, unknown>>): void {
  const errors = ['created', 'due'].flatMap((range) => {
    const [from, to] = [filters[`${range}_from`], filters[`${range}_to`]];
    const reversed = typeof from === 'string' && typeof to === 'string' && from > to;
    return reversed ? [{ pointer: `#/query/${range}_to`, detail: `is before ${range}_from, ${from}` }] : [];
  });
  if (errors.length > 0)
    throw new DomainError('malformed', 'request.reversed-range', 'A range of days ends before it begins.', { errors });
}
