/** Sessions in DynamoDB; TTL deletes late, so whoever reads one looks at its expiry. */
import { DeleteCommand, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Item } from '../../shared/dynamo/codec.ts';
import type { EntityStoreDeps } from '../../shared/dynamo/entity-store.ts';
import { getEach } from '../../shared/dynamo/get-together.ts';
import type { PendingWrite } from '../../shared/dynamo/unit-of-work.ts';
import type { DomainError } from '../../shared/errors.ts';
import type { Session } from './session.ts';
import { stepEnds } from './totp.ts';

export interface SessionRepository {
  put(session: Session): Promise<void>;
  /** The same as part of a transaction. */
  write(session: Session): PendingWrite;
  /** Uses a code up: of that time step and of those before it none counts again. */
  useStep(factorId: string, step: number, refuse: () => DomainError): PendingWrite;
  get(id: string): Promise<Session | undefined>;
  /** The session with the item of its user, in one round trip. */
  getWithUser(id: string, userId: string): Promise<{ readonly session?: Session; readonly user?: Item }>;
  /** Raises the generation, unless somebody else did: then false. */
  rotate(session: Session, now: Date): Promise<boolean>;
  remove(id: string): Promise<void>;
}

/** Between servers; a code that is over is not asked for. */
const CLOCKS_DIFFER_SECONDS = 3600;

export function createSessionRepository(deps: EntityStoreDeps): SessionRepository {
  const { client, tableNames } = deps;
  const TableName = tableNames.sessions;
  return {
    async put(session) {
      await client.send(new PutCommand({ TableName, Item: session }));
    },
    write: (session) => ({
      action: 'put',
      table: 'sessions',
      key: { id: session.id },
      item: { ...session },
      condition: { kind: 'absent' },
    }),
    useStep(factorId, step, refuse) {
      const id = `totp#${factorId}`;
      const condition = { kind: 'absent_or_below', attribute: 'step', value: step } as const;
      const item = { id, step, expires_at: stepEnds(step) + CLOCKS_DIFFER_SECONDS };
      return { action: 'put', table: 'sessions', key: { id }, item, condition, refuse };
    },
    async get(id) {
      const { Item: item } = await client.send(new GetCommand({ TableName, Key: { id }, ConsistentRead: true }));
      return item === undefined ? undefined : parse(item);
    },
    async getWithUser(id, userId) {
      const [session, user] = await getEach(deps, [
        { table: 'sessions', id },
        { table: 'users', id: userId },
      ]);
      return { ...(session && { session: parse(session) }), ...(user && { user }) };
    },
    async rotate(session, now) {
      try {
        await client.send(
          new PutCommand({
            TableName,
            Item: { ...session, generation: session.generation + 1, rotated_at: now.toISOString() },
            ConditionExpression: 'generation = :seen',
            ExpressionAttributeValues: { ':seen': session.generation },
          }),
        );
        return true;
      } catch (error) {
        if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return false;
        throw error;
      }
    },
    async remove(id) {
      await client.send(new DeleteCommand({ TableName, Key: { id } }));
    },
  };
}

const parse = (item: Record<string, unknown>): Session => ({
  id: String(item['id']),
  user_id: String(item['user_id']),
  generation: Number(item['generation']),
  rotated_at: String(item['rotated_at']),
  auth_epoch: Number(item['auth_epoch']),
  ...(typeof item['factor'] === 'string' ? { factor: item['factor'] } : {}),
  created_at: String(item['created_at']),
  expires_at: Number(item['expires_at']),
});
