/** Whether a table answers: one eventually consistent read of nothing, half a unit. */
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { DocumentClient } from './client.ts';

/** Resolves when the table answered; rejects with the SDK's error otherwise. The table's key must be `id`. */
export async function tableReady(client: DocumentClient, tableName: string): Promise<void> {
  await client.send(new GetCommand({ TableName: tableName, Key: { id: 'ready' } }));
}
