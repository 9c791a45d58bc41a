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
    const compile = compilerOf(external, options);
    return (reply) => {
      if (reply.contentType === PROBLEM) return JSON.stringify;
      return atStart ? compile(reply) : lazily(() => compile(reply));
    };
  };

/** What was compiled, by the text of the schemas it can refer to: contexts and servers of one process that have the same share it. */
const compilers = new Map<string, Compile>();

function compilerOf(external: unknown, options: unknown): Compile {
  const key = JSON.stringify(external);
  const known = compilers.get(key) ?? remembering(SerializerSelector()(external as never, options as never) as Compile);
  compilers.set(key, known);
  return known;
}

function remembering(compile: Compile): Compile {
  const compiled = new Map<string, Serialize>();
  return (reply) => {
    const key = JSON.stringify(reply.schema);
    const known = compiled.get(key) ?? compile(reply);
    compiled.set(key, known);
    return known;
  };
}

function lazily(compile: () => Serialize): Serialize {
  let compiled: Serialize | undefined;
  return (data) => {
    compiled ??= compile();
    return compiled(data);
  };
}
