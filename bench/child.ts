/** A process under measurement: the server or the floor. The parent asks it for its CPU time. */
import { fork } from 'node:child_process';
import { once } from 'node:events';

export interface Store {
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface Child {
  readonly url: string;
  /** Microseconds of CPU so far, user and system. */
  cpu(): Promise<number>;
  /** Any other question; the child's file says which. */
  ask<T>(question: object): Promise<T>;
  stop(): void;
}

export async function startChild(
  kind: 'server' | 'floor',
  store: Store,
  flags: readonly string[] = [],
): Promise<Child> {
  const child = fork(new URL(`./${kind}-child.ts`, import.meta.url), [JSON.stringify(store)], {
    execArgv: ['--import', 'tsx', ...flags],
    serialization: 'advanced',
  });
  const answer = async (question: object): Promise<unknown> => {
    child.send(question);
    const [said] = await once(child, 'message');
    return said;
  };
  const [{ url }] = (await once(child, 'message')) as [{ url: string }];
  return {
    url,
    cpu: async () => (await answer({ ask: 'cpu' })) as number,
    ask: async <T>(question: object) => (await answer(question)) as T,
    stop: () => void child.kill('SIGTERM'),
  };
}

/** Ends as a process that is done, so that a profile of it is written. */
export const endOnSigterm = (): void => void process.once('SIGTERM', () => process.exit(0));

export function cpuMicroseconds(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
