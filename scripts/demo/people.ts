/** Everyone the journey takes: two where a second person must decide. New ones each run, so that it can run again and again. */
import { createHmac, randomBytes } from 'node:crypto';
import { type Client, type Loose, type Person, UnexpectedReply } from './client.ts';

export const CAST = {
  vendorManager: { name: 'vendor manager', roles: ['vendor_manager'] },
  vendorApprover: { name: 'vendor manager 2', roles: ['vendor_manager'] },
  buyer: { name: 'buyer', roles: ['buyer'] },
  approver: { name: 'approver', roles: ['approver'] },
  receiver: { name: 'receiver', roles: ['receiver'] },
  clerk: { name: 'AP clerk', roles: ['ap_clerk'] },
  apManager: { name: 'AP manager', roles: ['ap_manager'] },
  treasurer: { name: 'treasurer', roles: ['treasurer'] },
  secondTreasurer: { name: 'treasurer 2', roles: ['treasurer'] },
  auditor: { name: 'auditor', roles: ['auditor'] },
} as const;

export type Cast = { readonly [K in keyof typeof CAST]: Person };

export interface Hired {
  readonly cast: Cast;
  /** Only where the server asks for one: it lets approving roles, accounts and settings wait for a second admin. */
  readonly secondAdmin: Credentials | undefined;
}

export type Credentials = Pick<Person, 'email' | 'password'>;

export interface Admins {
  readonly admin: Credentials;
  /** One the server has already. */
  readonly secondAdmin?: Credentials | undefined;
}

export async function hirePeople(client: Client, admins: Admins, run: string): Promise<Hired> {
  const made = await Promise.all(
    Object.entries(CAST).map(async ([key, { name, roles }]) => {
      const email = `${name.toLowerCase().replaceAll(' ', '-')}.${run}@example.com`;
      const user = await client.post(admins.admin, '/users', { email, name, roles: [...roles] });
      return { key, user, person: { id: user.id, name, email, password: newPassword() } };
    }),
  );
  const waiting = made.filter(({ user }) => user.proposed !== null);
  const secondAdmin = waiting.length > 0 ? await findSecondAdmin(client, admins) : undefined;
  if (secondAdmin !== undefined)
    for (const { user } of waiting) await client.post(secondAdmin, `/users/${user.id}/approve`, {}, user.version);
  await Promise.all(made.map(({ user, person }) => client.enrol(person, tokenOf(user))));
  return { cast: Object.fromEntries(made.map(({ key, person }) => [key, person])) as Cast, secondAdmin };
}

/** Of the link, where the server shows it. */
function tokenOf(user: Loose): string {
  const { token } = user.enrolment;
  if (token === null)
    throw new Error(
      'This server sends its links by mail alone: the demo needs one that shows them (not NODE_ENV=production).',
    );
  return token;
}

/** Named by the first admin alone while there is none; found again by the next run, since its password comes from the first admin's. */
async function findSecondAdmin(client: Client, { admin, secondAdmin }: Admins): Promise<Credentials> {
  if (secondAdmin !== undefined) {
    await client.signIn(secondAdmin);
    return secondAdmin;
  }
  const password = createHmac('sha256', admin.password).update('second admin of the demo').digest('base64url');
  const demos = { email: 'second-admin@example.com', password };
  try {
    await client.signIn(demos);
    return demos;
  } catch (error) {
    if (!(error instanceof UnexpectedReply && error.status === 401)) throw error;
  }
  const made = await nameAdmin(client, admin, demos.email);
  if (made?.proposed !== null)
    throw new Error(
      'This server has a second admin already, whom the demo needs: set P2P_SECOND_ADMIN_EMAIL and P2P_SECOND_ADMIN_PASSWORD.',
    );
  await client.enrol(demos, tokenOf(made));
  return demos;
}

/** undefined where somebody has that e-mail. */
async function nameAdmin(client: Client, by: Credentials, email: string): Promise<Loose> {
  try {
    return await client.post(by, '/users', { email, name: 'admin 2', roles: ['admin'] });
  } catch (error) {
    if (error instanceof UnexpectedReply && error.status === 409) return undefined;
    throw error;
  }
}

const newPassword = (): string => randomBytes(12).toString('base64url');
