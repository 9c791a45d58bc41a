/** Sign-ins that were completed, as long as they could be completed again. */
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { sha256 } from '../../shared/audit/canonical.ts';
import type { EntityStoreDeps } from '../../shared/dynamo/entity-store.ts';

export interface UsedLoginRepository {
  /** False where it was used before, whichever server that was. */
  use(state: string, expiresAt: number): Promise<boolean>;
}

export function createUsedLoginRepository({ client, tableNames }: EntityStoreDeps): UsedLoginRepository {
  return {
    async use(state, expiresAt) {
      try {
        await client.send(
          new PutCommand({
            TableName: tableNames.sessions,
            Item: { id: `oidc#${sha256(state)}`, expires_at: Math.ceil(expiresAt / 1000) },
            ConditionExpression: 'attribute_not_exists(id)',
          }),
        );
        return true;
      } catch (error) {
        if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return false;
        throw error;
      }
    },
  };
}
