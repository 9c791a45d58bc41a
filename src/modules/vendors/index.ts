/** Vendors and their bank accounts, as other modules see them. */
import type { FastifyPluginAsync } from 'fastify';
import { bankAccountRoutes } from './bank-account.routes.ts';
import {
  ApproveBankAccount,
  BankAccountPage,
  BankAccountReply,
  BankAccountSummary,
  ProposeBankAccount,
} from './bank-account.schema.ts';
import { vendorRoutes } from './vendor.routes.ts';
import { CreateVendor, UpdateVendor, VendorPage, VendorReply, VendorSummary } from './vendor.schema.ts';
import type { VendorService } from './vendor.service.ts';

export type { BankAccount } from './bank-account.schema.ts';
export { createVendorRepository, VENDOR_CHANGE, type VendorRepository } from './vendor.repository.ts';
export type { Vendor } from './vendor.schema.ts';
export { createVendorService, type OpenOrders, type VendorService } from './vendor.service.ts';
export { mayApproveVendor, requireVendorFor } from './vendor.ts';
export { mayApproveChange } from './vendor-change.ts';

/** Every schema that has a name in the OpenAPI document. */
const SCHEMAS = [
  VendorReply,
  VendorSummary,
  VendorPage,
  CreateVendor,
  UpdateVendor,
  BankAccountReply,
  BankAccountSummary,
  BankAccountPage,
  ProposeBankAccount,
  ApproveBankAccount,
];

export const vendorsModule: FastifyPluginAsync<{ readonly vendors: VendorService }> = async (app, options) => {
  for (const schema of SCHEMAS) app.addSchema(schema);
  await app.register(bankAccountRoutes, options);
  await app.register(vendorRoutes, options);
};
