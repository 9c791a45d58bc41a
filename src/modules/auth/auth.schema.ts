/** Signing in and out. Tokens are opaque to the caller; an access token lives 5 minutes, a refresh token until it was used. */
import { type Static, Type } from '@sinclair/typebox';
import { Email, Id, Line, Nullable, Strict } from '../../shared/http/schemas.ts';
import { PERMISSIONS } from '../../shared/permissions.ts';
import { ApprovalLimit, Password, RoleName } from '../users/index.ts';

const GivenPassword = Type.String({ minLength: 1, maxLength: 200 });
const RefreshToken = Type.String({ minLength: 1, maxLength: 300 });

export const SignIn = Strict(
  { email: Type.String({ minLength: 1, maxLength: 254 }), password: GivenPassword },
  { $id: 'SignIn', examples: [{ email: 'admin@example.com', password: 'a sentence nobody else knows' }] },
);
export type SignIn = Static<typeof SignIn>;

const refreshExamples = [{ refresh_token: 'the refresh_token of the last reply' }];
export const Refresh = Strict({ refresh_token: RefreshToken }, { $id: 'Refresh', examples: refreshExamples });
export const SignOut = Strict({ refresh_token: RefreshToken }, { $id: 'SignOut', examples: refreshExamples });

export const Enrol = Strict(
  { token: Type.String({ minLength: 1, maxLength: 300, description: 'Of the link' }), password: Password },
  {
    $id: 'Enrol',
    examples: [{ token: 'the token of the link', password: 'a sentence nobody else knows' }],
  },
);
export type Enrol = Static<typeof Enrol>;

export const ChangePassword = Strict(
  { current_password: GivenPassword, password: Password },
  {
    $id: 'ChangePassword',
    examples: [{ current_password: 'the one set for me', password: 'a sentence nobody else knows' }],
  },
);
export type ChangePassword = Static<typeof ChangePassword>;

export const TokenReply = Type.Object(
  {
    access_token: Type.String({ description: 'Send it as Authorization: Bearer' }),
    token_type: Type.Literal('Bearer'),
    expires_in: Type.Integer({ description: 'Seconds the access token lives' }),
    refresh_token: Type.String({ description: 'Good for one POST /auth/refresh' }),
    password_change_required: Type.Boolean({
      description: 'Nothing but POST /auth/password is open until it was sent',
    }),
  },
  { $id: 'Token' },
);

export const Me = Type.Object(
  {
    id: Id('user'),
    email: Email,
    name: Line(140),
    roles: Type.Array(RoleName),
    permissions: Type.Array(Type.Union(PERMISSIONS.map((permission) => Type.Literal(permission)))),
    approval_limit: Nullable(ApprovalLimit),
    password_one_time: Type.Boolean(),
    suspended: Type.Boolean({
      description: 'Your password was reset: guarded roles rest until a second admin confirms it',
    }),
    via: Nullable(Type.String({ description: 'The API key, where a machine asks' })),
  },
  { $id: 'Me' },
);
export type Me = Static<typeof Me>;
