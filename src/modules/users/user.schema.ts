/** A person who signs in. The password's hash never leaves the table, not even into an event. */
import { type Static, Type } from '@sinclair/typebox';
import {
  Amount,
  AuditHeadSchema,
  CurrencyCode,
  Email,
  entityFields,
  Line,
  Nullable,
  pageOf,
  pageQuery,
  Reason,
  Strict,
} from '../../shared/http/schemas.ts';
import { ROLES } from '../../shared/permissions.ts';
import { ProposalOf } from '../../shared/proposal.ts';

export const USER_STATUSES = ['active', 'disabled'] as const;
const UserStatus = Type.Union(USER_STATUSES.map((status) => Type.Literal(status)));
export const RoleName = Type.Union(ROLES.map((role) => Type.Literal(role)));
const Roles = Type.Array(RoleName, { maxItems: ROLES.length, uniqueItems: true });

export const ApprovalLimit = Strict({ amount: Amount, currency: CurrencyCode });

const ProposedRoles = ProposalOf(
  Type.Object({ roles: Type.Optional(Roles), approval_limit: Type.Optional(Nullable(ApprovalLimit)) }),
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
  proposed: ProposedRoles,
  audit: AuditHeadSchema,
});
export type User = Static<typeof UserRecord>;

export const UserReply = Type.Object(
  {
    ...entityFields('user'),
    created_by: Type.String(),
    status: UserStatus,
    ...facts,
    password_one_time: Type.Boolean({ description: 'Set by another: to be changed before anything else' }),
    proposed: ProposedRoles,
  },
  { $id: 'User' },
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
    password: Password,
    roles: Roles,
    approval_limit: Type.Optional(Nullable(ApprovalLimit)),
  },
  {
    $id: 'CreateUser',
    examples: [
      {
        email: 'buyer@example.com',
        name: 'Example Buyer',
        password: 'a sentence nobody else knows',
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

export const ResetPassword = Strict(
  { password: Password, reason: Type.Optional(Reason) },
  { $id: 'ResetPassword', examples: [{ password: 'a sentence nobody else knows', reason: 'forgotten' }] },
);
