/** The DynamoDB document client with exact numbers: N leaves and enters the program as text, never as a float. */
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

export type DocumentClient = DynamoDBDocumentClient;

/** Three attempts of the SDK a call: retries of a cancelled transaction are the unit of work's. */
export function createDocumentClient(config: DynamoDBClientConfig): DocumentClient {
  return DynamoDBDocumentClient.from(new DynamoDBClient({ maxAttempts: 3, ...config }), {
    marshallOptions: { removeUndefinedValues: true },
    unmarshallOptions: { wrapNumbers: (text: string) => text },
  });
}
