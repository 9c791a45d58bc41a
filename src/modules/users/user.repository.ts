/** Users in DynamoDB: found by id, or by e-mail through the claim that keeps it unique. */
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { sha256 } from '../../shared/audit/canonical.ts';
import { claimText, releaseClaim, takeClaim, taken } from '../../shared/dynamo/claims.ts';
import { compileCodec } from '../../shared/dynamo/codec.ts';
import { type EntityStore, type EntityStoreDeps, entityStore } from '../../shared/dynamo/entity-store.ts';
import { fromSummary, type Listing, planList } from '../../shared/dynamo/filters.ts';
import { type Page, type PageRequest, queryAll, queryPage } from '../../shared/dynamo/query.ts';
import type { PendingWrite } from '../../shared/dynamo/unit-of-work.ts';
import type { Role } from '../../shared/permissions.ts';
import { hasIdentity, identitiesOf, type ProviderIdentity } from './identity.ts';
import { type User, type UserQuery, UserRecord, type UserSummary } from './user.schema.ts';

type Identified = Pick<User, 'id' | 'identities'>;

export interface UserRepository {
  readonly users: EntityStore<User>;
  list(query: UserQuery, page: PageRequest): Promise<Page<UserSummary>>;
  /** Active people with that role; eventually consistent, so a decision reads each again. */
  activeWithRole(role: Role): AsyncGenerator<UserSummary, void, undefined>;
  /** Whether a second admin was ever named in production: from then on two of them name another. */
  secondAdminNamed(): Promise<boolean>;
  nameSecondAdmin(userId: string): PendingWrite;
  findByEmail(email: string): Promise<User | undefined>;
  /** The one user of ours that this account at a provider is. */
  findByIdentity(identity: ProviderIdentity): Promise<User | undefined>;
  /** What one user has no other user takes. */
  identityWrites(before: Identified | undefined, after: Identified): readonly PendingWrite[];
  emailWrites(
    before: Pick<User, 'id' | 'email'> | undefined,
    after: Pick<User, 'id' | 'email'>,
  ): readonly PendingWrite[];
}

const LISTING: Listing = {
  table: 'users',
  equals: [['status', 'by_status']],
  text: { index: 'by_name', key: 'name_key' },
};

export function createUserRepository(deps: EntityStoreDeps): UserRepository {
  const users = entityStore<User>(deps, {
    table: 'users',
    entity: 'user',
    codec: compileCodec<User>(UserRecord),
    // Events name people by id only; a hash stands nowhere but in the record.
    // A provider's name of a person may be an e-mail.
    sealed: ['identities'],
    unaudited: ['password_hash', 'email', 'name', 'enrolment', 'second_factor', 'second_factor_pending'],
    indexed: (user) => ({
      name_key: claimText(user.name),
      // Beside what lists show: whether a second person has something to decide.
      summary: { ...summaryOf(user), waits: user.proposed !== null || (user.suspended ?? null) !== null },
    }),
  });
  return {
    users,
    list: (query, page) => queryPage(deps, planList(LISTING, query), page, fromSummary<UserSummary>),
    async *activeWithRole(role) {
      const plan = planList(LISTING, { status: 'active' });
      for await (const item of queryAll(deps, plan)) {
        const summary = fromSummary<UserSummary>(item);
        if (summary.roles.includes(role)) yield summary;
      }
    },
    async secondAdminNamed() {
      const { Item: claim } = await deps.client.send(
        new GetCommand({ TableName: deps.tableNames.keys, Key: SECOND_ADMIN, ConsistentRead: true }),
      );
      return claim !== undefined;
    },
    nameSecondAdmin: (userId) => ({
      action: 'put',
      table: 'keys',
      key: SECOND_ADMIN,
      item: { ...SECOND_ADMIN, owner: userId },
      condition: { kind: 'absent' },
    }),
    async findByEmail(email) {
      const { Item: claim } = await deps.client.send(
        new GetCommand({ TableName: deps.tableNames.keys, Key: { id: emailKey(email) }, ConsistentRead: true }),
      );
      return claim === undefined ? undefined : users.get(String(claim['owner']));
    },
    async findByIdentity(identity) {
      const Key = { id: identityKey(identity) };
      const { Item: claim } = await deps.client.send(
        new GetCommand({ TableName: deps.tableNames.keys, Key, ConsistentRead: true }),
      );
      const user = claim === undefined ? undefined : await users.get(String(claim['owner']));
      return user !== undefined && hasIdentity(user, identity) ? user : undefined;
    },
    identityWrites(before, after) {
      const [had, has] = [before === undefined ? [] : identitiesOf(before), identitiesOf(after)];
      const refuse = taken('user.identity-taken', 'This account at the provider', '');
      const keysOf = (identities: typeof has): string[] => identities.map(identityKey);
      const added = keysOf(has).filter((key) => !keysOf(had).includes(key));
      const gone = keysOf(had).filter((key) => !keysOf(has).includes(key));
      return [
        ...gone.map((key) => releaseClaim({ key, owner: after.id })),
        ...added.map((key) => takeClaim({ key, owner: after.id }, refuse)),
      ];
    },
    emailWrites(before, after) {
      if (before !== undefined && emailKey(before.email) === emailKey(after.email)) return [];
      const refuse = taken('user.email-taken', 'This e-mail', '/email');
      const take = takeClaim({ key: emailKey(after.email), owner: after.id }, refuse);
      return before === undefined ? [take] : [releaseClaim({ key: emailKey(before.email), owner: before.id }), take];
    },
  };
}

const SECOND_ADMIN = { id: 'second_admin' };

/** Both parts are the provider's texts, of any length and alphabet. */
const identityKey = ({ issuer, subject }: ProviderIdentity): string =>
  `user_identity#${sha256(JSON.stringify([issuer, subject]))}`;

const emailKey = (email: string): string => `user_email#${claimText(email)}`;

const summaryOf = (user: User): UserSummary => ({
  id: user.id,
  version: user.version,
  created_at: user.created_at,
  updated_at: user.updated_at,
  created_by: user.created_by,
  status: user.status,
  email: user.email,
  name: user.name,
  roles: user.roles,
});
