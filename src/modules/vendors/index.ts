/** Vendors and their bank accounts, as other modules see them. */
import type { FastifyPluginAsync } from 'fastify';
import { bankAccountRoutes } from './bank-account.routes.ts';
import { vendorRoutes } from './vendor.routes.ts';
import type { VendorService } from './vendor.service.ts';

export type { BankAccount } from './bank-account.schema.ts';
export { createVendorRepository, type VendorRepository } from './vendor.repository.ts';
export type { Vendor } from './vendor.schema.ts';
export { createVendorService, type VendorService } from './vendor.service.ts';
export { mayApproveVendor, requireVendorFor } from './vendor.ts';

export const vendorsModule: FastifyPluginAsync<{ readonly vendors: VendorService }> = async (app, options) => {
  await app.register(bankAccountRoutes, options);
  await app.register(vendorRoutes, options);
};
