/** Serializers of replies: fast-json-stringify for what stands, nothing for problems, which the error handler renders itself. */
import { SerializerSelector } from '@fastify/fast-json-stringify-compiler';

interface ReplySchema {
  readonly schema: unknown;
  readonly contentType?: string;
}

type Compile = (reply: ReplySchema) => (data: unknown) => string;

const PROBLEM = 'application/problem+json';

/**
 * For Fastify's schema controller. Each route names about ten problems; compiling a serializer for each of them took most of the
 * server's start, and none was ever called.
 */
export function buildSerializer(external: unknown, options: unknown): Compile {
  const compile = SerializerSelector()(external as never, options as never) as Compile;
  return (reply) => (reply.contentType === PROBLEM ? JSON.stringify : compile(reply));
}
