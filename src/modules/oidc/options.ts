/** What the server knows of its identity provider; `src/oidc-config.ts` reads it from the environment. */
import type { Role } from '../../shared/permissions.ts';

export interface OidcOptions {
  readonly issuer: string;
  readonly clientId: string;
  /** Without one PKCE alone protects the code. */
  readonly clientSecret?: string | undefined;
  /** Separated by spaces. */
  readonly scopes: string;
  /** Where the provider sends the browser: the callback, or a page that passes its query on to it. */
  readonly redirectUri: string;
  /** What people know the provider by. */
  readonly name: string;
  /** The claim that gives roles; where absent roles are ours alone. */
  readonly roleClaim?: string | undefined;
  /** Roles of ours by value of the claim. */
  readonly roles: Readonly<Record<string, readonly Role[]>>;
  /** Guarded roles of the claim take effect without a second admin. */
  readonly trustGuardedRoles: boolean;
  /** Values of `amr` or `acr` of which guarded roles take one; `any` where the provider asks everybody for a second factor. */
  readonly secondFactor?: readonly string[] | undefined;
}
