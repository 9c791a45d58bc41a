/** Settings in DynamoDB. The company's are read by many decisions: a copy of at most 10 seconds serves them. */
import { compileCodec } from '../../shared/dynamo/codec.ts';
import { type EntityStore, type EntityStoreDeps, entityStore } from '../../shared/dynamo/entity-store.ts';
import { type Company, CompanyRecord } from './company.schema.ts';

export interface SettingsRepository {
  readonly company: EntityStore<Company>;
}

export function createSettingsRepository(deps: EntityStoreDeps): SettingsRepository {
  return {
    company: entityStore<Company>(deps, {
      table: 'settings',
      entity: 'settings',
      codec: compileCodec<Company>(CompanyRecord),
      indexed: () => ({ kind: 'company' }),
    }),
  };
}
