/** The security log in DynamoDB: a partition a day, entries by time. */
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { EntityStoreDeps } from '../../shared/dynamo/entity-store.ts';
import { type Page, type PageRequest, queryPage } from '../../shared/dynamo/query.ts';
import { newId } from '../../shared/ids.ts';
import { type SecurityEntry, toSecurityEntry } from './security-log.schema.ts';
import type { SecurityFacts } from './security-log.ts';

export interface SecurityLogRepository {
  put(facts: SecurityFacts, now: Date): Promise<void>;
  /** Newest first. */
  list(day: string, page: PageRequest): Promise<Page<SecurityEntry>>;
}

export function createSecurityLogRepository(deps: EntityStoreDeps): SecurityLogRepository {
  return {
    async put(facts, now) {
      const at = now.toISOString();
      const Item = { day: at.slice(0, 10), id: newId('event'), at, ...facts };
      await deps.client.send(new PutCommand({ TableName: deps.tableNames.security_log, Item }));
    },
    list: (day, page) =>
      queryPage(deps, { table: 'security_log', hash: { name: 'day', value: day } }, page, toSecurityEntry),
  };
}
