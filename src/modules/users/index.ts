/** People, as other modules and the authentication plugin see them. */

export { ensureFirstAdmin, type FirstAdmin } from './first-admin.ts';
export { createUserRepository, type UserRepository } from './user.repository.ts';
export type { User } from './user.schema.ts';
