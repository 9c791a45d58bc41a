/** Failed sign-ins, counted in DynamoDB for all tasks together: a window opens with the first failure. */
import { DeleteCommand, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { EntityStoreDeps } from '../../shared/dynamo/entity-store.ts';
import { epochSeconds } from '../../shared/dynamo/idempotency-record.ts';
import type { PendingWrite } from '../../shared/dynamo/unit-of-work.ts';

export interface Counter {
  /** What is counted: an account, an address or both, not readable from the key. */
  readonly id: string;
  readonly limit: number;
  /** How long a window is open. */
  readonly seconds: number;
}

export interface ThrottleRepository {
  /** Counts an attempt before it is made, so that many at once are held too. @returns seconds to wait where the limit is reached */
  reserve(counter: Counter, now: Date): Promise<number | undefined>;
  /** Takes a reservation back: the attempt did not fail. */
  giveBack(counter: Pick<Counter, 'id'>): Promise<void>;
  /** Forgets every failure. */
  clear(counter: Pick<Counter, 'id'>): Promise<void>;
  /** Which counting this is, where an administrator had it begin anew. */
  since(counter: Pick<Counter, 'id'>): Promise<string | undefined>;
  /** Begins anew, in the transaction of a decision. */
  beginAnew(counter: Pick<Counter, 'id' | 'seconds'>, since: string, now: Date): PendingWrite;
}

export function createThrottleRepository({ client, tableNames }: EntityStoreDeps): ThrottleRepository {
  const TableName = tableNames.throttles;

  async function countInWindow({ id, limit }: Counter, now: number): Promise<'counted' | 'no_window' | number> {
    try {
      await client.send(
        new UpdateCommand({
          TableName,
          Key: { id },
          UpdateExpression: 'SET failures = failures + :one',
          ConditionExpression: 'expires_at > :now AND failures < :limit',
          ExpressionAttributeValues: { ':one': 1, ':now': now, ':limit': limit },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      );
      return 'counted';
    } catch (error) {
      const { Item: item } = refusedItem(error);
      const expires = Number(item?.['expires_at']?.N ?? 0);
      return expires > now ? expires - now : 'no_window';
    }
  }

  /** An update: `since` stays. */
  async function openWindow({ id, seconds }: Counter, now: number): Promise<boolean> {
    try {
      await client.send(
        new UpdateCommand({
          TableName,
          Key: { id },
          UpdateExpression: 'SET failures = :one, expires_at = :end',
          ConditionExpression: 'attribute_not_exists(id) OR expires_at <= :now',
          ExpressionAttributeValues: { ':one': 1, ':now': now, ':end': now + seconds },
        }),
      );
      return true;
    } catch (error) {
      refusedItem(error);
      return false;
    }
  }

  return {
    async reserve(counter, at) {
      const now = epochSeconds(at);
      for (;;) {
        const outcome = await countInWindow(counter, now);
        if (outcome === 'counted') return undefined;
        if (outcome !== 'no_window') return outcome;
        if (await openWindow(counter, now)) return undefined;
      }
    },
    async giveBack({ id }) {
      try {
        await client.send(
          new UpdateCommand({
            TableName,
            Key: { id },
            UpdateExpression: 'SET failures = failures - :one',
            ConditionExpression: 'failures > :none',
            ExpressionAttributeValues: { ':one': 1, ':none': 0 },
          }),
        );
      } catch (error) {
        refusedItem(error);
      }
    },
    async clear({ id }) {
      await client.send(new DeleteCommand({ TableName, Key: { id } }));
    },
    async since({ id }) {
      const { Item: item } = await client.send(new GetCommand({ TableName, Key: { id }, ConsistentRead: true }));
      const since: unknown = item?.['since'];
      return typeof since === 'string' ? since : undefined;
    },
    beginAnew: ({ id, seconds }, since, now) => ({
      action: 'put',
      table: 'throttles',
      key: { id },
      item: { id, failures: 0, since, expires_at: epochSeconds(now) + seconds },
    }),
  };
}

interface Refused {
  readonly Item?: Readonly<Record<string, { readonly N?: string }>>;
}

/** The item that a condition refused; anything else goes on being thrown. */
function refusedItem(error: unknown): Refused {
  if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return error as Refused;
  throw error;
}
