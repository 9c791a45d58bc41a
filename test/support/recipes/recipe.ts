/** What a command needs before it can be sent: made anew each time, so that each request finds what it acts on. */
import type { Caller, Loose, TestApi, TestReply } from '../api.ts';

export interface Prepared {
  readonly by: Caller;
  /** For the parameters of its path, in their order. */
  readonly ids?: readonly string[];
  /** `{ reason }` where absent, which every action takes. */
  readonly body?: object;
  /** Sent as If-Match. */
  readonly version?: number;
}

export type Recipe = () => Promise<Prepared>;
/** By operationId; a second recipe of an operation has a word after a colon. */
export type Recipes = Readonly<Record<string, Recipe>>;
export type RecipesOf = (api: TestApi) => Promise<Recipes>;

export function done(reply: TestReply): Loose {
  if (reply.status >= 300) throw new Error(`${reply.status}: ${JSON.stringify(reply.body)}`);
  return reply.body;
}

let numbers = 0;
/** A number that nothing else of this run has. */
export const unique = (): number => {
  numbers += 1;
  return numbers;
};

export const reason = 'as agreed by telephone';
