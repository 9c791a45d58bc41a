/** Commands on API keys, and the check of a key that a machine sent. */
import { randomBytes } from 'node:crypto';
import { sha256 } from '../../shared/audit/canonical.ts';
import { type Command, requireVersion } from '../../shared/command.ts';
import { equalText } from '../../shared/crypto.ts';
import type { Page, PageRequest } from '../../shared/dynamo/query.ts';
import type { UnitOfWork } from '../../shared/dynamo/unit-of-work.ts';
import { ruleError } from '../../shared/errors.ts';
import type { Permission } from '../../shared/permissions.ts';
import type { SecurityFacts } from '../audit/index.ts';
import { rolesInForce, type User, type UserService } from '../users/index.ts';
import type { ApiKeyRepository } from './api-key.repository.ts';
import type { ApiKey, ApiKeyQuery, ApiKeySummary, CreateApiKey } from './api-key.schema.ts';
import { approvedApiKey, effectiveScopes, isUsable, newApiKey, parseKey, revokedApiKey } from './api-key.ts';

export type ApiKeyAction = 'approve' | 'revoke';

export interface CreatedKey extends ApiKey {
  /** Shown this once; null in a dry run. */
  readonly key: string | null;
}

export interface ApiKeyService {
  get(id: string): Promise<ApiKey>;
  list(query: ApiKeyQuery, page: PageRequest): Promise<Page<ApiKeySummary>>;
  create(command: Command, body: CreateApiKey): Promise<CreatedKey>;
  act(command: Command, id: string, action: ApiKeyAction, reason: string | undefined): Promise<ApiKey>;
  /** Undefined for a key that is unknown, not yet approved, revoked, over, or not this secret. */
  verify(
    key: string,
  ): Promise<{ readonly id: string; readonly owner: User; readonly scopes: readonly Permission[] } | undefined>;
}

export interface ApiKeyServiceDeps {
  readonly repository: ApiKeyRepository;
  readonly unitOfWork: UnitOfWork;
  readonly users: UserService;
  readonly secondAdmin: boolean;
  readonly record: (facts: SecurityFacts) => void;
}

export function createApiKeyService(deps: ApiKeyServiceDeps): ApiKeyService {
  const { repository, unitOfWork, users } = deps;
  const { keys } = repository;

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
    list: (query, page) => repository.list(query, page),
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
    async verify(text) {
      const given = parseKey(text);
      const key = given === undefined ? undefined : await keys.get(given.id);
      if (given === undefined || key === undefined) return undefined;
      if (!equalText(sha256(given.secret), key.secret_sha256) || !isUsable(key, new Date())) return undefined;
      const person = await users.find(key.owner_id);
      if (person === undefined) return undefined;
      const owner = { ...person, roles: rolesInForce(person) };
      return { id: key.id, owner, scopes: effectiveScopes(key.scopes, owner) };
    },
  };
}
