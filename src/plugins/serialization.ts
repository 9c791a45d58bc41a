/** Serializers of replies: fast-json-stringify for what stands, nothing for problems, which the error handler renders itself. */
import { SerializerSelector } from '@fastify/fast-json-stringify-compiler';

interface ReplySchema {
  readonly schema: unknown;
  readonly contentType?: string;
}

type Serialize = (data: unknown) => string;
type Compile = (reply: ReplySchema) => Serialize;

const PROBLEM = 'application/problem+json';

/**
 * For Fastify's schema controller. Each route names about ten problems; compiling a serializer for each of them took most of the
 * server's start, and none was ever called.
 */
export const serializerBuilder =
  (atStart: boolean) =>
  (external: unknown, options: unknown): Compile => {
    const compile = SerializerSelector()(external as never, options as never) as Compile;
    return (reply) => {
      if (reply.contentType === PROBLEM) return JSON.stringify;
      return atStart ? compile(reply) : lazily(() => compile(reply));
    };
  };

function lazily(compile: () => Serialize): Serialize {
  let compiled: Serialize | undefined;
  return (data) => {
    compiled ??= compile();
    return compiled(data);
  };
}
