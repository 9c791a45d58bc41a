/** A list's page as its request asks for it; the cursor is bound to caller, path and filters. */
import type { FastifyRequest } from 'fastify';
import { canonicalJson } from '../audit/canonical.ts';
import type { PageRequest } from '../dynamo/query.ts';
import { actorOf } from './carry-out.ts';

export function pageRequest(request: FastifyRequest): PageRequest {
  const { id, via = id } = actorOf(request);
  const { limit, cursor, ...filters } = request.query as { limit: number; cursor?: string };
  return {
    limit,
    cursor,
    binding: {
      principal: via,
      query: `${request.url.split('?')[0]} ${canonicalJson(filters)}`,
    },
  };
}
