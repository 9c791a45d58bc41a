/** A list's page as its request asks for it; the cursor is bound to caller, path and filters. */
import type { FastifyRequest } from 'fastify';
import { canonicalJson } from '../audit/canonical.ts';
import type { PageRequest } from '../dynamo/query.ts';

export function pageRequest(request: FastifyRequest): PageRequest {
  const { limit, cursor, ...filters } = request.query as { limit: number; cursor?: string };
  return {
    limit,
    cursor,
    binding: {
      principal: request.actor?.via ?? request.actor?.id ?? '',
      query: `${request.url.split('?')[0]} ${canonicalJson(filters)}`,
    },
  };
}
