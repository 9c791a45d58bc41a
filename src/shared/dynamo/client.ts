/** The DynamoDB document client with exact numbers: N leaves and enters the program as text, never as a float. */
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

export type DocumentClient = DynamoDBDocumentClient;

/** Three attempts of the SDK a call: retries of a cancelled transaction are the unit of work's. */
export const createDynamoClient = (config: DynamoDBClientConfig): DynamoDBClient =>
  new DynamoDBClient({ maxAttempts: 3, ...config });

/** The document client over a client; both share their middleware. */
export const documentClientOf = (client: DynamoDBClient): DocumentClient =>
  DynamoDBDocumentClient.from(client, {
    marshallOptions: { removeUndefinedValues: true },
    unmarshallOptions: { wrapNumbers: (text: string) => text },
  });

export const createDocumentClient = (config: DynamoDBClientConfig): DocumentClient =>
  documentClientOf(createDynamoClient(config));
