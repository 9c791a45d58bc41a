/** Reads what waits, newest first, from an index of every kind at once. */
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Item } from '../../shared/dynamo/codec.ts';
import { type QueryDeps, withoutSeal } from '../../shared/dynamo/query.ts';
import type { TableName } from '../../shared/dynamo/tables.ts';

/** One kind in one of the statuses in which it waits. */
export interface Stream {
  readonly table: TableName;
  /** The value of the index's key: a status, of settings their kind. */
  readonly status: string;
  /** By status where absent. */
  readonly index?: StreamIndex | undefined;
}

export interface StreamIndex {
  readonly name: string;
  readonly key: string;
}

const BY_STATUS: StreamIndex = { name: 'by_status', key: 'status' };

/** Where a stream's next item comes after: id and creation of the last one seen. */
export type Position = readonly [id: string, createdAt: string];

export interface Candidate {
  readonly id: string;
  readonly created_at: string;
  /** What the index projects. */
  readonly summary: Item;
}

export interface Chunk {
  readonly candidates: readonly Candidate[];
  readonly more: boolean;
}

export type ReadStream = (stream: Stream, after: Position | undefined, limit: number) => Promise<Chunk>;

export const createStreamReader =
  (deps: Pick<QueryDeps, 'client' | 'tableNames'>): ReadStream =>
  async ({ table, status, index: { name, key } = BY_STATUS }, after, limit) => {
    const { Items = [], LastEvaluatedKey } = await deps.client.send(
      new QueryCommand({
        TableName: deps.tableNames[table],
        IndexName: name,
        KeyConditionExpression: '#key = :value',
        ExpressionAttributeNames: { '#key': key },
        ExpressionAttributeValues: { ':value': status },
        ScanIndexForward: false,
        Limit: limit,
        ...(after === undefined ? {} : { ExclusiveStartKey: { id: after[0], [key]: status, created_at: after[1] } }),
      }),
    );
    return { candidates: Items.map((item) => toCandidate(withoutSeal(item))), more: LastEvaluatedKey !== undefined };
  };

const toCandidate = (item: Item): Candidate => ({
  id: String(item['id']),
  created_at: String(item['created_at']),
  summary: (item['summary'] ?? {}) as Item,
});
