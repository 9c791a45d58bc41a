/** Commands on API keys, and the check of a key that a machine sent. */
import { randomBytes } from 'node:crypto';
import { sha256 } from '../../shared/audit/canonical.ts';
import { type Actor, type Command, requireVersion } from '../../shared/command.ts';
import { equalText } from '../../shared/crypto.ts';
import type { Page, PageRequest } from '../../shared/dynamo/query.ts';
import type { UnitOfWork } from '../../shared/dynamo/unit-of-work.ts';
import { DomainError, notFound, ruleError } from '../../shared/errors.ts';
import type { Permission } from '../../shared/permissions.ts';
import type { SecurityFacts } from '../audit/index.ts';
import { hasFactor, rolesInForce, type User, type UserService } from '../users/index.ts';
import type { ApiKeyRepository } from './api-key.repository.ts';
import type { ApiKey, ApiKeyQuery, ApiKeySummary, CreateApiKey } from './api-key.schema.ts';
import {
  approvedApiKey,
  consentedApiKey,
  effectiveScopes,
  isUsable,
  newApiKey,
  parseKey,
  revokedApiKey,
} from './api-key.ts';

import { createLastUse } from './last-use.service.ts';

export type ApiKeyAction = 'approve' | 'revoke';
/** What an owner decides on their own key. */
export type OwnKeyAction = 'consent' | 'revoke';

export interface CreatedKey extends ApiKey {
  /** Shown this once; null in a dry run. */
  readonly key: string | null;
}

export interface VerifiedKey {
  readonly id: string;
  readonly made_by: string;
  readonly owner: User;
  readonly scopes: readonly Permission[];
  readonly audit: ApiKey['audit'];
}

export interface ApiKeyService {
  get(id: string): Promise<ApiKey>;
  /** With the day of its last use. */
  shown(id: string): Promise<ApiKey>;
  list(query: ApiKeyQuery, page: PageRequest): Promise<Page<ApiKeySummary>>;
  create(command: Command, body: CreateApiKey): Promise<CreatedKey>;
  /** Of the person who asks. */
  listOwn(actor: Actor, query: ApiKeyQuery, page: PageRequest): Promise<Page<ApiKeySummary>>;
  /** @throws DomainError 404 for a key of somebody else, 403 for a machine */
  actOnOwn(command: Command, id: string, action: OwnKeyAction, reason: string | undefined): Promise<ApiKey>;
  act(command: Command, id: string, action: ApiKeyAction, reason: string | undefined): Promise<ApiKey>;
  /** Undefined for a key that is unknown, not yet approved, revoked, over, or not this secret. */
  verify(key: string): Promise<VerifiedKey | undefined>;
}

export interface ApiKeyServiceDeps {
  readonly repository: ApiKeyRepository;
  readonly unitOfWork: UnitOfWork;
  readonly users: UserService;
  readonly secondAdmin: boolean;
  /** Guarded roles of an owner without a second factor rest. */
  readonly secondFactor: boolean;
  readonly record: (facts: SecurityFacts) => void;
}

export function createApiKeyService(deps: ApiKeyServiceDeps): ApiKeyService {
  const { repository, unitOfWork, users } = deps;
  const { keys } = repository;

  const lastUse = createLastUse(repository);
  const withLastUse = async (page: Page<ApiKeySummary>): Promise<Page<ApiKeySummary>> => ({
    ...page,
    data: await lastUse.of(page.data),
  });

  const tell = (command: Command, kind: SecurityFacts['kind'], key: ApiKey): void => {
    if (command.dryRun) return;
    const { actor, request_id } = command;
    deps.record({
      kind,
      actor_id: actor.id,
      via: actor.via,
      subject_id: key.id,
      request_id,
      detail: `${key.owner_id} ${key.scopes.join(' ')}`.slice(0, 1000),
    });
  };

  async function ownerOf(id: string): Promise<User> {
    const owner = await users.find(id);
    if (owner === undefined)
      throw ruleError('api_key.no-owner', 'The owner of a key must be a user.', [
        { pointer: '/owner_id', detail: 'is not a user' },
      ]);
    return owner;
  }

  return {
    get: (id) => keys.require(id),
    async shown(id) {
      const key = await keys.require(id);
      return { ...key, ...(await lastUse.of([key]))[0] };
    },
    list: async (query, page) => withLastUse(await repository.list(query, page)),
    async create(command, body) {
      const secret = randomBytes(32).toString('base64url');
      const { actor, now, dryRun } = command;
      const facts = { actorId: actor.id, now, secondAdmin: deps.secondAdmin };
      const created = await unitOfWork.run(command, async () => {
        const owner = await ownerOf(body.owner_id ?? actor.id);
        const draft = newApiKey(command.ids.next('api_key'), body, owner, sha256(secret), facts);
        const { entity, writes } = keys.create(command, draft);
        return { result: entity, writes };
      });
      tell(command, 'api_key_created', created);
      if (!dryRun) await users.notify(await users.get(created.owner_id), 'key_made', actor.id);
      return { ...created, key: dryRun ? null : `${created.id}.${secret}` };
    },
    async act(command, id, action, reason) {
      const after = await unitOfWork.run(command, async () => {
        const before = await keys.require(id);
        requireVersion(command, 'api_key', before.version);
        const draft = action === 'approve' ? approvedApiKey(before, command.actor.id) : revokedApiKey(before);
        const { entity, writes } = keys.update(command, before, draft, { action, reason });
        return { result: entity, writes };
      });
      tell(command, action === 'approve' ? 'api_key_approved' : 'api_key_revoked', after);
      return after;
    },
    listOwn: async (actor, query, page) => withLastUse(await repository.listOf(actor.id, query, page)),
    async actOnOwn(command, id, action, reason) {
      const { actor } = command;
      if (actor.via !== undefined)
        throw new DomainError('forbidden', 'auth.person-only', 'The owner of a key decides on it, not a key.');
      const after = await unitOfWork.run(command, async () => {
        const before = await keys.require(id);
        if (before.owner_id !== actor.id) throw notFound('api_key', id);
        requireVersion(command, 'api_key', before.version);
        const draft = action === 'consent' ? consentedApiKey(before, await users.get(actor.id)) : revokedApiKey(before);
        const { entity, writes } = keys.update(command, before, draft, { action, reason });
        return { result: entity, writes };
      });
      tell(command, action === 'consent' ? 'api_key_consented' : 'api_key_revoked', after);
      return after;
    },
    async verify(text) {
      const given = parseKey(text);
      const key = given === undefined ? undefined : await keys.get(given.id);
      if (given === undefined || key === undefined) return undefined;
      if (!equalText(sha256(given.secret), key.secret_sha256)) return undefined;
      const person = await users.find(key.owner_id);
      if (person === undefined || !isUsable(key, person, new Date())) return undefined;
      lastUse.note(key.id, new Date());
      const owner = {
        ...person,
        roles: rolesInForce(person, { required: deps.secondFactor, shown: hasFactor(person) }),
      };
      return {
        id: key.id,
        made_by: key.created_by,
        owner,
        scopes: effectiveScopes(key.scopes, owner),
        audit: key.audit,
      };
    },
  };
}
