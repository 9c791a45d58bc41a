/** Signing in through the identity provider, as the API shows it. */
import { type Static, Type } from '@sinclair/typebox';
import { Nullable, Strict } from '../../shared/http/schemas.ts';

export const OidcProvider = Type.Object(
  {
    name: Nullable(Type.String({ description: 'What people know the provider by; null where there is none' })),
    login_path: Nullable(Type.String({ description: 'Where a sign-in through it begins; null where there is none' })),
  },
  { $id: 'OidcProvider' },
);

const parameter = (maxLength: number, description: string) => Type.Optional(Type.String({ maxLength, description }));

/** Providers add parameters of their own. */
export const OidcCallbackQuery = Type.Object({
  state: parameter(200, 'Of the sign-in that was begun'),
  code: parameter(4000, 'Of the provider, for one use'),
  error: parameter(200, 'Why the provider did not sign the person in'),
  error_description: parameter(2000, 'The same, for people'),
  iss: parameter(500, 'The provider (RFC 9207)'),
});

export const OidcEnrol = Strict(
  { token: Type.String({ minLength: 1, maxLength: 300, description: 'Of the link of an invitation or a reset' }) },
  { $id: 'OidcEnrol', examples: [{ token: 'the token of the link' }] },
);
export type OidcEnrol = Static<typeof OidcEnrol>;

export const OidcBegun = Type.Object(
  {
    authorization_url: Type.String({
      description: 'Send the browser there; it carries the cookie that came with this reply',
    }),
  },
  { $id: 'OidcBegun' },
);
