/**
 * How many guesses anyone has: few for an account from one address, more for an account from everywhere and for an address with every
 * account. Nobody locks a person out from an address of their own, and nobody guesses on from many.
 */
import { randomUUID } from 'node:crypto';
import type { Vault } from '../../shared/crypto.ts';
import type { PendingWrite } from '../../shared/dynamo/unit-of-work.ts';
import { DomainError } from '../../shared/errors.ts';
import { addressKey } from '../../shared/http/client-address.ts';
import type { SecurityLog } from '../audit/index.ts';
import type { Counter, ThrottleRepository } from './throttle.repository.ts';

/** From where, and in which request. */
export interface Origin {
  readonly ip: string;
  readonly request_id: string;
  readonly now: Date;
}

export interface Lockout {
  /**
   * Runs an attempt that counts while it is under way, and goes on counting if what was shown is wrong.
   * @param success `forgets` the failures of that account at that address
   */
  attempt<T>(account: string, origin: Origin, success: 'forgets' | 'counts nothing', run: () => Promise<T>): Promise<T>;
  /** Runs the check of a code, by somebody who has shown the right password. */
  attemptCode<T>(account: string, origin: Origin, run: () => Promise<T>): Promise<T>;
  /** Whatever these accounts failed at, from everywhere, is forgotten by the transaction that this is part of. */
  forget(accounts: readonly string[], now: Date): readonly PendingWrite[];
}

export interface LockoutDeps {
  readonly throttles: ThrottleRepository;
  readonly vault: Pick<Vault, 'sign'>;
  readonly securityLog: Pick<SecurityLog, 'recordOnce'>;
}

const QUARTER = 15 * 60;
const HOUR = 3600;
const LIMITS = {
  /** An account from one address. */
  pair: { limit: 10, seconds: QUARTER },
  /** An account from everywhere: more than one address reaches within that time. */
  account: { limit: 100, seconds: HOUR },
  /** An address, with whatever account. */
  address: { limit: 100, seconds: QUARTER },
  /** Codes for an account after its right password: 3 of 1,000,000 are good at a time. */
  code: { limit: 20, seconds: 24 * HOUR },
} as const;

export function createLockout({ throttles, vault, securityLog }: LockoutDeps): Lockout {
  const counter = (kind: keyof typeof LIMITS, text: string): Counter => ({
    id: `${kind}#${vault.sign('throttle', `${kind} ${text}`)}`,
    ...LIMITS[kind],
  });

  async function reserve(one: Counter, { now, ip, request_id }: Origin): Promise<void> {
    const wait = await throttles.reserve(one, now);
    if (wait === undefined) return;
    securityLog.recordOnce({ kind: 'sign_in_throttled', ip, request_id, detail: one.id.split('#')[0] });
    throw new DomainError(
      'too_many_requests',
      'auth.too-many-failures',
      'Too many failed sign-ins. Wait as long as Retry-After says, or ask an administrator to reset the account: that ends the wait.',
      { retryAfter: wait },
    );
  }

  /** All or none. */
  async function reserveAll(counters: readonly Counter[], origin: Origin): Promise<void> {
    const reserved: Counter[] = [];
    try {
      for (const one of counters) {
        await reserve(one, origin);
        reserved.push(one);
      }
    } catch (error) {
      await giveBack(reserved);
      throw error;
    }
  }

  const giveBack = (counters: readonly Counter[]): Promise<unknown> => Promise.all(counters.map(throttles.giveBack));

  async function counted<T>(counters: readonly Counter[], origin: Origin, run: () => Promise<T>): Promise<T> {
    await reserveAll(counters, origin);
    try {
      return await run();
    } catch (error) {
      if (!isFailure(error)) await giveBack(counters);
      throw error;
    }
  }

  return {
    async attempt(given, origin, success, run) {
      const name = named(given);
      const account = counter('account', name);
      const since = (await throttles.since(account)) ?? '';
      const network = addressKey(origin.ip);
      const pair = counter('pair', `${name} ${network} ${since}`);
      const others = [account, counter('address', network)];
      // The pair first: what one address does too often is not even counted for the account.
      const result = await counted([pair, ...others], origin, run);
      await Promise.all([success === 'forgets' ? throttles.clear(pair) : throttles.giveBack(pair), giveBack(others)]);
      return result;
    },
    async attemptCode(account, origin, run) {
      const code = counter('code', named(account));
      const result = await counted([code], origin, run);
      await throttles.giveBack(code);
      return result;
    },
    forget: (accounts, now) =>
      accounts.flatMap((account) =>
        (['account', 'code'] as const).map((kind) =>
          throttles.beginAnew(counter(kind, named(account)), randomUUID(), now),
        ),
      ),
  };
}

const named = (account: string): string => account.trim().toUpperCase();

/** A password that is too common, say, was shown by who may choose one; and whether a code is asked for is no guess. */
const isFailure = (error: unknown): boolean =>
  !(error instanceof DomainError) ||
  ((error.kind === 'unauthenticated' || error.kind === 'forbidden') && error.code !== SECOND_FACTOR_REQUIRED);

export const SECOND_FACTOR_REQUIRED = 'auth.second-factor-required';
