/** The Valkey or Redis in which tasks count together. Where it does not answer each counts for itself, and the log says so once. */
import type { FastifyInstance } from 'fastify';
import type { Redis } from 'ioredis';

export interface SharedCounters {
  readonly client: Redis;
  /** What the shared counters say, or `alone` while they say nothing. */
  ask<T>(together: () => Promise<T>, alone: () => Promise<T>): Promise<T>;
}

/** A request never waits longer for a count; one that was not given is not asked for again at once. */
const ANSWER_MS = 250;
const PAUSE_MS = 5_000;

export async function connectShared(app: FastifyInstance, url: string): Promise<SharedCounters> {
  const { Redis } = await import('ioredis');
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 2_000,
    commandTimeout: ANSWER_MS,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (times) => Math.min(times * 200, PAUSE_MS),
  });
  let pausedUntil = 0;
  let answering = true;
  // The library writes to the terminal what nobody listens for; the address may hold a password.
  client.on('error', ({ code, message }: Error & { code?: string }) => lost(code ?? message));
  app.addHook('onClose', async () => client.disconnect());

  function lost(reason: string): void {
    pausedUntil = Date.now() + PAUSE_MS;
    if (answering) app.log.warn({ reason }, 'REDIS_URL does not answer: this task counts requests by itself');
    answering = false;
  }

  await client.connect().catch(({ message }: Error) => lost(message));
  return {
    client,
    async ask(together, alone) {
      if (Date.now() < pausedUntil) return alone();
      try {
        const answer = await together();
        if (!answering) app.log.info('REDIS_URL answers: tasks count requests together again');
        answering = true;
        return answer;
      } catch (error) {
        lost(error instanceof Error ? error.message : 'no answer');
        return alone();
      }
    },
  };
}
