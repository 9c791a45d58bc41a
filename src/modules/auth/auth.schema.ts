/** Signing in and out. Tokens are opaque to the caller; an access token lives 5 minutes, a refresh token until it was used. */
import { type Static, Type } from '@sinclair/typebox';
import { Email, Id, Line, Nullable, Strict, Timestamp } from '../../shared/http/schemas.ts';
import { PERMISSIONS } from '../../shared/permissions.ts';
import { ApprovalLimit, Password, RoleName } from '../users/index.ts';

const GivenPassword = Type.String({ minLength: 1, maxLength: 200 });
const RefreshToken = Type.String({ minLength: 1, maxLength: 300 });

/** One of the two, where the person has a second factor. */
const code = {
  totp_code: Type.Optional(
    Type.String({ pattern: '^[0-9]{6}$', maxLength: 6, description: 'What the authenticator app shows; good once' }),
  ),
  recovery_code: Type.Optional(
    Type.String({ minLength: 16, maxLength: 40, description: 'In place of the app; good once' }),
  ),
};
export const ShownCode = Type.Object(code);
export type ShownCode = Static<typeof ShownCode>;

export const SignIn = Strict(
  { email: Type.String({ minLength: 1, maxLength: 254 }), password: GivenPassword, ...code },
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

export const BeginFactor = Strict(
  { current_password: GivenPassword, ...code },
  { $id: 'BeginFactor', examples: [{ current_password: 'a sentence nobody else knows' }] },
);
export type BeginFactor = Static<typeof BeginFactor>;

export const ConfirmFactor = Strict(
  { totp_code: Type.String({ pattern: '^[0-9]{6}$', maxLength: 6, description: 'The first code that the app shows' }) },
  { $id: 'ConfirmFactor', examples: [{ totp_code: '123456' }] },
);
export type ConfirmFactor = Static<typeof ConfirmFactor>;

const FactorKind = Type.Literal('totp', { description: 'An authenticator app (RFC 6238)' });

export const FactorSecret = Type.Object(
  {
    kind: FactorKind,
    secret: Type.String({ description: 'Base32, for an app without a camera; never shown again' }),
    uri: Type.String({ description: 'otpauth:// address, for a QR code' }),
    expires_at: { ...Timestamp, description: 'Until when its first code is taken' },
  },
  { $id: 'FactorSecret' },
);
export type FactorSecret = Static<typeof FactorSecret>;

const recovery_codes = Type.Array(Type.String(), {
  description: 'Each good once in place of a code; never shown again',
});
export const RecoveryCodes = Type.Object({ recovery_codes }, { $id: 'RecoveryCodes' });
export type RecoveryCodes = Readonly<Static<typeof RecoveryCodes>>;

const tokens = {
  access_token: Type.String({ description: 'Send it as Authorization: Bearer' }),
  token_type: Type.Literal('Bearer'),
  expires_in: Type.Integer({ description: 'Seconds the access token lives' }),
  refresh_token: Type.String({ description: 'Good for one POST /auth/refresh' }),
  password_change_required: Type.Boolean({
    description: 'Nothing but POST /auth/password is open until it was sent',
  }),
  second_factor_required: Type.Boolean({
    description: 'Guarded roles rest until you set a second factor (POST /auth/second-factor)',
  }),
};
export const TokenReply = Type.Object(tokens, { $id: 'Token' });
export const FactorConfirmed = Type.Object({ ...tokens, recovery_codes }, { $id: 'FactorConfirmed' });

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
    second_factor: Nullable(
      Type.Object({
        kind: FactorKind,
        confirmed_at: Timestamp,
        recovery_codes_left: Type.Integer({ description: 'How many recovery codes were not used yet' }),
      }),
    ),
    second_factor_required: Type.Boolean({ description: 'Guarded roles rest until you set a second factor' }),
    via: Nullable(Type.String({ description: 'The API key, where a machine asks' })),
  },
  { $id: 'Me' },
);
export type Me = Static<typeof Me>;
