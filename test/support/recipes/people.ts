/** Users, API keys, and files beside an entity. */

import { sha256Hex } from '../../../src/shared/storage/storage.ts';
import { enrol } from '../api.ts';
import { activeVendor } from '../orders.ts';
import { done, type RecipesOf, unique } from './recipe.ts';

export const peopleRecipes: RecipesOf = async (api) => {
  const [admin, second] = [await api.as('admin'), await api.as('admin', 'second')];
  const treasurer = await api.as('treasurer');
  const user = async () => api.as('buyer', `person ${unique()}`);
  const proposed = async () => {
    const { id } = await user();
    return done(await second.patch(`/users/${id}`, { roles: ['treasurer'] }, { version: 1 }));
  };
  const key = async (scopes: readonly string[], owner_id: string) =>
    done(await admin.post('/api-keys', { name: 'Machine', scopes, owner_id }));
  return {
    createUser: async () => ({
      by: admin,
      body: { email: `new.${unique()}@example.com`, name: 'New Person', roles: ['buyer'] },
    }),
    updateUser: async () => ({ by: admin, ids: [(await user()).id], body: { name: 'Another Name' }, version: 1 }),
    resetPassword: async () => ({ by: admin, ids: [(await user()).id] }),
    unlinkIdentity: async () => {
      const { id } = await user();
      const { users } = api.dependencies;
      const identity = { issuer: 'https://login.example.com', subject: `${unique()}` };
      const request = { now: new Date(), request_id: 'test' };
      await users.linkByEmail(identity, (await users.get(id)).email, () => undefined, request);
      return { by: admin, ids: [id] };
    },
    confirmUser: async () => {
      const { id } = await user();
      const { enrolment } = done(await second.post(`/users/${id}/reset-password`));
      done(await enrol(api, enrolment.token));
      return { by: admin, ids: [id], version: 3 };
    },
    disableUser: async () => ({ by: admin, ids: [(await user()).id] }),
    enableUser: async () => {
      const { id } = await user();
      done(await admin.post(`/users/${id}/disable`));
      return { by: admin, ids: [id] };
    },
    approveUser: async () => ({ by: admin, ids: [(await proposed()).id], version: 2 }),
    rejectUser: async () => ({ by: admin, ids: [(await proposed()).id] }),
    approveApiKey: async () => {
      const { id, version } = await key(['payment:approve'], treasurer.id);
      return { by: second, ids: [id], version };
    },
    revokeApiKey: async () => ({ by: admin, ids: [(await key(['payment:read'], treasurer.id)).id] }),
    consentToApiKey: async () => ({
      by: treasurer,
      ids: [(await key(['payment:read'], treasurer.id)).id],
      version: 1,
    }),
    revokeOwnApiKey: async () => ({ by: treasurer, ids: [(await key(['payment:read'], treasurer.id)).id] }),
    completeDocument: async () => {
      const manager = await api.as(['vendor_manager', 'ap_clerk']);
      const bytes = Buffer.from(`%PDF-1.7 contract ${unique()}`);
      const { id, entity, entity_id } = done(
        await manager.post('/documents', {
          entity: 'vendor',
          entity_id: (await activeVendor(api)).id,
          filename: 'contract.pdf',
          content_type: 'application/pdf',
          size: bytes.length,
          sha256: sha256Hex(bytes),
        }),
      );
      await api.infrastructure.storage.documents.put(`${entity}/${entity_id}/${id}`, bytes, {
        content_type: 'application/pdf',
        sha256: sha256Hex(bytes),
      });
      return { by: manager, ids: [id] };
    },
  };
};
