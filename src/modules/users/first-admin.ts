/** The first administrators: made once, by whichever process comes first, when nobody was made yet. */
import { randomBytes } from 'node:crypto';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { type Command, idSource } from '../../shared/command.ts';
import { takeClaim } from '../../shared/dynamo/claims.ts';
import type { DocumentClient } from '../../shared/dynamo/client.ts';
import type { TableNames } from '../../shared/dynamo/tables.ts';
import type { PendingWrite, UnitOfWork } from '../../shared/dynamo/unit-of-work.ts';
import { conflictError, DomainError } from '../../shared/errors.ts';
import { newId } from '../../shared/ids.ts';
import type { Mail } from '../../shared/mail/mail.ts';
import { type EnrolmentLink, enrolmentToken, newEnrolment } from './enrolment.ts';
import { invitation } from './letters.ts';
import { hashPassword, unmatchableHash } from './password.ts';
import type { UserRepository } from './user.repository.ts';
import type { User } from './user.schema.ts';
import { isEnrolling } from './user.ts';

export interface FirstAdminDeps {
  readonly client: DocumentClient;
  readonly tableNames: TableNames;
  readonly users: UserRepository;
  readonly unitOfWork: UnitOfWork;
}

export interface FirstAdmin {
  readonly email: string;
  /** Only where it was generated now: it is not stored and never shown again. */
  readonly generatedPassword?: string;
}

const CLAIM = 'first_admin';

/** One administrator with a password, outside production. @returns undefined where there was one already. */
export async function ensureFirstAdmin(
  deps: FirstAdminDeps,
  options: { readonly email: string; readonly password: string | undefined; readonly now: Date },
): Promise<FirstAdmin | undefined> {
  if ((await claimed(deps)) !== undefined) return undefined;
  const password = options.password ?? randomBytes(15).toString('base64url');
  const admin = { id: newId('user'), email: options.email, name: 'First administrator' };
  const created = await createAdmins(deps, [{ ...admin, password_hash: await hashPassword(password) }], options.now);
  if (!created) return undefined;
  return { email: options.email, ...(options.password === undefined ? { generatedPassword: password } : {}) };
}

/**
 * Two administrators, each with a link by mail, so that no one person ever holds the installation. A later start sends another link
 * to whoever did not use theirs within its time. @throws Error where a letter was not accepted: nothing is made then
 */
export async function ensureTwoAdmins(
  deps: FirstAdminDeps,
  options: {
    readonly emails: readonly [string, string];
    readonly mail: Mail;
    readonly page: string | undefined;
    readonly now: Date;
  },
): Promise<void> {
  const { now } = options;
  const invite = async (person: Invitee, { secret }: EnrolmentLink): Promise<void> =>
    options.mail.send(invitation(person, enrolmentToken(person.id, secret), options.page));
  const first = await claimed(deps);
  if (first !== undefined) return renewLinks(deps, first, now, invite);
  const made = options.emails.map((email, at) => {
    const person = { id: newId('user'), email, name: `Administrator ${at + 1}` };
    return { person, link: linkAt(now) };
  });
  for (const { person, link } of made) await invite(person, link);
  const drafts = made.map(({ person, link: { enrolment } }) => ({
    ...person,
    password_hash: unmatchableHash(),
    enrolment,
  }));
  await createAdmins(deps, drafts, now);
}

type Invitee = Pick<User, 'id' | 'email' | 'name'>;

const linkAt = (now: Date): EnrolmentLink => newEnrolment(randomBytes(32).toString('base64url'), now);

async function claimed({ client, tableNames }: FirstAdminDeps, id = CLAIM): Promise<string | undefined> {
  const { Item: claim } = await client.send(
    new GetCommand({ TableName: tableNames.keys, Key: { id }, ConsistentRead: true }),
  );
  return claim === undefined ? undefined : String(claim['owner']);
}

/** Of the two from the first start, as long as they have never had a password. */
async function renewLinks(
  deps: FirstAdminDeps,
  first: string,
  now: Date,
  invite: (person: Invitee, link: EnrolmentLink) => Promise<void>,
): Promise<void> {
  for (const id of [first, await claimed(deps, 'second_admin')]) {
    const user = id === undefined ? undefined : await deps.users.users.get(id);
    if (user === undefined || !isFirstLinkOver(user, now)) continue;
    const link = linkAt(now);
    await invite(user, link);
    const command = startCommand(user.id, now);
    await deps.unitOfWork.run(command, async () => {
      const before = await deps.users.users.require(user.id);
      if (!isFirstLinkOver(before, now)) return { result: before, writes: [] };
      const draft = { ...before, enrolment: link.enrolment };
      const { entity, writes } = deps.users.users.update(command, before, draft, { action: 'invited_again' });
      return { result: entity, writes };
    });
  }
}

const isFirstLinkOver = (user: User, now: Date): boolean =>
  user.status === 'active' &&
  user.auth_epoch === 1 &&
  isEnrolling(user) &&
  Date.parse(user.enrolment?.expires_at ?? '') <= now.getTime();

const startCommand = (id: string, now: Date): Command => ({
  actor: { id, roles: ['admin'], permissions: new Set() },
  now,
  request_id: 'first-start',
  dryRun: false,
  ids: idSource(),
});

type Admin = Invitee & Pick<User, 'password_hash' | 'enrolment'>;

/** @returns false where another server was first */
async function createAdmins(deps: FirstAdminDeps, admins: readonly Admin[], now: Date): Promise<boolean> {
  const [first, second] = admins;
  if (first === undefined) return false;
  const command = startCommand(first.id, now);
  try {
    await deps.unitOfWork.run(command, async () => {
      const claim = takeClaim({ key: CLAIM, owner: first.id }, () =>
        conflictError('user.first-admin-exists', 'There is a first administrator already.'),
      );
      const created = admins.flatMap((admin) => adminWrites(deps, command, admin, first.id));
      // From the start two administrators name another.
      const named = second === undefined ? [] : [deps.users.nameSecondAdmin(second.id)];
      // The claim first, so that of two servers at their first start the later one learns that it has a first admin, not that an e-mail is taken.
      return { result: undefined, writes: [claim, ...named, ...created] };
    });
    return true;
  } catch (error) {
    if (error instanceof DomainError && error.code === 'user.first-admin-exists') return false;
    throw error;
  }
}

function adminWrites(
  deps: FirstAdminDeps,
  command: Command,
  admin: Admin,
  created_by: string,
): readonly PendingWrite[] {
  const { entity, writes } = deps.users.users.create(command, {
    ...admin,
    status: 'active',
    roles: ['admin'],
    approval_limit: null,
    password_one_time: false,
    auth_epoch: 1,
    proposed: null,
    created_by,
  });
  return [...writes, ...deps.users.emailWrites(undefined, entity)];
}
