/** The first admin: made once, by whichever process comes first, when nobody was made yet. */
import { randomBytes } from 'node:crypto';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { type Command, idSource } from '../../shared/command.ts';
import { takeClaim } from '../../shared/dynamo/claims.ts';
import type { DocumentClient } from '../../shared/dynamo/client.ts';
import type { TableNames } from '../../shared/dynamo/tables.ts';
import type { UnitOfWork } from '../../shared/dynamo/unit-of-work.ts';
import { conflictError, DomainError } from '../../shared/errors.ts';
import { newId } from '../../shared/ids.ts';
import { hashPassword } from './password.ts';
import type { UserRepository } from './user.repository.ts';

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

/** @returns undefined where there was one already. */
export async function ensureFirstAdmin(
  deps: FirstAdminDeps,
  options: { readonly email: string; readonly password: string | undefined; readonly now: Date },
): Promise<FirstAdmin | undefined> {
  const { Item: claim } = await deps.client.send(
    new GetCommand({ TableName: deps.tableNames.keys, Key: { id: CLAIM }, ConsistentRead: true }),
  );
  if (claim !== undefined) return undefined;
  const password = options.password ?? randomBytes(15).toString('base64url');
  try {
    await createAdmin(deps, options.email, await hashPassword(password), options.now);
  } catch (error) {
    if (error instanceof DomainError && error.code === 'user.first-admin-exists') return undefined;
    throw error;
  }
  return { email: options.email, ...(options.password === undefined ? { generatedPassword: password } : {}) };
}

async function createAdmin(deps: FirstAdminDeps, email: string, password_hash: string, now: Date): Promise<void> {
  const id = newId('user');
  const command: Command = {
    actor: { id, roles: ['admin'], permissions: new Set() },
    now,
    request_id: 'first-start',
    dryRun: false,
    ids: idSource(),
  };
  await deps.unitOfWork.run(command, async () => {
    const { entity, writes } = deps.users.users.create(command, {
      id,
      status: 'active',
      email,
      name: 'First administrator',
      roles: ['admin'],
      approval_limit: null,
      password_hash,
      password_one_time: false,
      auth_epoch: 1,
      proposed: null,
      created_by: id,
    });
    const claim = takeClaim({ key: CLAIM, owner: id }, () =>
      conflictError('user.first-admin-exists', 'There is a first administrator already.'),
    );
    // First, so that of two servers at their first start the later one learns that it has a first admin, not that an e-mail is taken.
    return { result: entity, writes: [claim, ...writes, ...deps.users.emailWrites(undefined, entity)] };
  });
}
