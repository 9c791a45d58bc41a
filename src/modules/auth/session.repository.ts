/** Sessions in DynamoDB; TTL deletes late, so whoever reads one looks at its expiry. */
import { DeleteCommand, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Item } from '../../shared/dynamo/codec.ts';
import type { EntityStoreDeps } from '../../shared/dynamo/entity-store.ts';
import { getEach } from '../../shared/dynamo/get-together.ts';
import type { Session } from './session.ts';

export interface SessionRepository {
  put(session: Session): Promise<void>;
  get(id: string): Promise<Session | undefined>;
  /** The session with the item of its user, in one round trip. */
  getWithUser(id: string, userId: string): Promise<{ readonly session?: Session; readonly user?: Item }>;
  /** Raises the generation, unless somebody else did: then false. */
  rotate(session: Session, now: Date): Promise<boolean>;
  remove(id: string): Promise<void>;
}

export function createSessionRepository(deps: EntityStoreDeps): SessionRepository {
  const { client, tableNames } = deps;
  const TableName = tableNames.sessions;
  return {
    async put(session) {
      await client.send(new PutCommand({ TableName, Item: session }));
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
  created_at: String(item['created_at']),
  expires_at: Number(item['expires_at']),
});
