/** A person who signs in. The password's hash never leaves the table, not even into an event. */
import { type Static, Type } from '@sinclair/typebox';
import {
  Amount,
  AuditHeadSchema,
  CurrencyCode,
  Email,
  entityFields,
  Id,
  Line,
  Nullable,
  pageOf,
  pageQuery,
  Strict,
  Timestamp,
} from '../../shared/http/schemas.ts';
import { ROLES } from '../../shared/permissions.ts';
import { ProposalOf } from '../../shared/proposal.ts';

export const USER_STATUSES = ['active', 'disabled'] as const;
const UserStatus = Type.Union(USER_STATUSES.map((status) => Type.Literal(status)));
export const RoleName = Type.Union(ROLES.map((role) => Type.Literal(role)));
const Roles = Type.Array(RoleName, { maxItems: ROLES.length, uniqueItems: true });

export const ApprovalLimit = Strict({ amount: Amount, currency: CurrencyCode });

const ProposedRoles = ProposalOf(
  Type.Object({
    roles: Type.Optional(Roles),
    approval_limit: Type.Optional(Nullable(ApprovalLimit)),
    status: Type.Optional(UserStatus),
  }),
);

const EnrolmentEnd = { ...Timestamp, description: 'When the link ends' };

/** A password was reset: nothing that decides until a second admin confirms it. */
const Suspension = Nullable(
  Type.Object(
    { since: Timestamp, reset_by: Type.Array(Id('user'), { description: 'None of them confirms it' }) },
    { description: 'After a reset of the password: guarded roles rest until a second admin confirms; null otherwise' },
  ),
);

/** Passkeys will be another kind beside it. */
const FactorKind = Type.Literal('totp', { description: 'An authenticator app (RFC 6238)' });

const SecondFactor = Type.Object({
  kind: FactorKind,
  /** A sign-in that has shown another one is over. */
  id: Type.String(),
  /** Encrypted in the table. */
  secret: Type.String(),
  confirmed_at: Timestamp,
  /** Hashes of the codes that are left. */
  recovery: Type.Array(Type.String()),
});

const PendingFactor = Type.Object({ kind: FactorKind, secret: Type.String(), expires_at: Timestamp });

/** What others are told of it. */
const ShownFactor = Type.Optional(
  Nullable(
    Type.Object(
      { kind: FactorKind, confirmed_at: Timestamp },
      { description: 'The second factor that a sign-in takes; null where there is none' },
    ),
  ),
);

/** At most one for each provider: a company that changes its provider has two for a while. */
const Identities = Type.Array(
  Type.Object({
    issuer: Type.String({ description: 'The provider' }),
    subject: Type.String({ description: 'The person there' }),
    linked_at: Timestamp,
  }),
  { description: 'Accounts at outside identity providers with which the person signs in' },
);

const facts = {
  email: Email,
  name: Line(140),
  roles: Roles,
  approval_limit: Nullable(ApprovalLimit),
};

export const UserRecord = Type.Object({
  ...entityFields('user'),
  created_by: Type.String(),
  status: UserStatus,
  ...facts,
  password_hash: Type.String(),
  /** The password was set by another and must be changed before anything else. */
  password_one_time: Type.Boolean(),
  /** Rises with deactivation, role and password changes: every token made before it is over. */
  auth_epoch: Type.Integer(),
  /** A link by which the person chooses a password; absent and null where none is pending. */
  enrolment: Type.Optional(Nullable(Type.Object({ token_sha256: Type.String(), expires_at: Timestamp }))),
  suspended: Type.Optional(Suspension),
  second_factor: Type.Optional(Nullable(SecondFactor)),
  /** A secret that waits for its first code. */
  second_factor_pending: Type.Optional(Nullable(PendingFactor)),
  identities: Type.Optional(Identities),
  /** An account was unlinked: no other is linked by its e-mail alone. */
  link_by_invitation: Type.Optional(Type.Boolean()),
  proposed: ProposedRoles,
  audit: AuditHeadSchema,
});
export type User = Static<typeof UserRecord>;

const shown = {
  ...entityFields('user'),
  created_by: Type.String(),
  status: UserStatus,
  ...facts,
  password_one_time: Type.Boolean({ description: 'Set by another: to be changed before anything else' }),
  suspended: Type.Optional(Suspension),
  second_factor: ShownFactor,
  identities: Type.Optional(Identities),
  proposed: ProposedRoles,
};

export const UserReply = Type.Object(
  {
    ...shown,
    enrolment: Type.Optional(
      Nullable(
        Type.Object(
          { expires_at: EnrolmentEnd },
          { description: 'The link by which the person chooses a password; null once it was used' },
        ),
      ),
    ),
  },
  { $id: 'User' },
);

export const InvitedUser = Type.Object(
  {
    ...shown,
    enrolment: Nullable(
      Type.Object({
        expires_at: EnrolmentEnd,
        token: Nullable(
          Type.String({
            description:
              'For POST /api/v1/auth/enrol. Only the embedded store and development servers show it; null otherwise and in a dry run: the person gets it by mail',
          }),
        ),
      }),
    ),
  },
  { $id: 'InvitedUser' },
);

export const UserSummary = Type.Object(
  {
    ...entityFields('user'),
    created_by: Type.String(),
    status: UserStatus,
    email: Email,
    name: Line(140),
    roles: Roles,
  },
  { $id: 'UserSummary' },
);
export type UserSummary = Static<typeof UserSummary>;
export const UserPage = pageOf(UserSummary, 'UserPage');

export const UserQuery = Strict({
  ...pageQuery,
  status: Type.Optional(UserStatus),
  q: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: 'Prefix of the name, case-insensitive' })),
});
export type UserQuery = Static<typeof UserQuery>;

export const Password = Type.String({ minLength: 12, maxLength: 200, description: 'At least 12 characters' });

export const CreateUser = Strict(
  {
    email: Email,
    name: Line(140),
    roles: Roles,
    approval_limit: Type.Optional(Nullable(ApprovalLimit)),
  },
  {
    $id: 'CreateUser',
    examples: [
      {
        email: 'buyer@example.com',
        name: 'Example Buyer',
        roles: ['buyer'],
        approval_limit: { amount: '5000.00', currency: 'EUR' },
      },
    ],
  },
);
export type CreateUser = Static<typeof CreateUser>;

export const UpdateUser = Strict(
  {
    name: Type.Optional(Line(140)),
    roles: Type.Optional(Roles),
    approval_limit: Type.Optional(Nullable(ApprovalLimit)),
  },
  { $id: 'UpdateUser', minProperties: 1, examples: [{ roles: ['buyer', 'receiver'] }] },
);
export type UpdateUser = Static<typeof UpdateUser>;
