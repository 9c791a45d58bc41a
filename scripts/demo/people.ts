/** Everyone the journey takes: two where a second person must decide. New ones each run, so that it can run again and again. */
import { randomBytes } from 'node:crypto';
import type { Client, Person } from './client.ts';

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

export async function hirePeople(client: Client, admin: Pick<Person, 'email'>, run: string): Promise<Cast> {
  const hired = await Promise.all(
    Object.entries(CAST).map(async ([key, { name, roles }]) => {
      const password = randomBytes(12).toString('base64url');
      const email = `${name.toLowerCase().replaceAll(' ', '-')}.${run}@example.com`;
      const { id } = await client.post(admin, '/users', { email, name, password, roles: [...roles] });
      await client.signIn({ email, password });
      return [key, { id, name, email, password }] as const;
    }),
  );
  return Object.fromEntries(hired) as Cast;
}
