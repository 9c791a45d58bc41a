/** A vendor: the record, what of it goes out, and the bodies that change it. */
import { type Static, Type } from '@sinclair/typebox';
import {
  AuditHeadSchema,
  CalendarDate,
  CurrencyCode,
  Email,
  entityFields,
  Id,
  Line,
  Nullable,
  pageOf,
  pageQuery,
  ref,
  Strict,
} from '../../shared/http/schemas.ts';
import { PostalAddress } from '../../shared/postal-address.ts';
import { ProposalOf } from '../../shared/proposal.ts';
import { BankAccountSummary } from './bank-account.schema.ts';

export const VENDOR_STATUSES = ['pending', 'active', 'payment_hold', 'blocked', 'archived'] as const;
const VendorStatus = Type.Union(VENDOR_STATUSES.map((status) => Type.Literal(status)));
export type VendorStatus = (typeof VENDOR_STATUSES)[number];

const Name = Line(140, 'Legal name, as it stands on the payment');
const Phone = Line(40);
const TaxId = Line(40, 'VAT or tax number; one vendor holds it');
const Terms = Line(40, 'NET 30, 2/10 NET 30, EOM, NET 30 EOM, NET 30 THEN EOM or DUE ON RECEIPT');
const DiscountBase = Type.Union([Type.Literal('total'), Type.Literal('net')], {
  description: 'What a cash discount is taken from: the total, or the net without tax',
});
const RestartsYearly = Type.Boolean({ description: 'This vendor uses an invoice number again in another year' });

const facts = {
  name: Name,
  email: Email,
  phone: Nullable(Phone),
  address: Nullable(PostalAddress),
  tax_id: Nullable(TaxId),
  payment_terms: Terms,
  currency: CurrencyCode,
  discount_base: DiscountBase,
  invoice_numbers_restart_yearly: RestartsYearly,
};

const guarded = {
  email: Type.Optional(Email),
  phone: Type.Optional(Nullable(Phone)),
  address: Type.Optional(Nullable(PostalAddress)),
  tax_id: Type.Optional(Nullable(TaxId)),
  payment_terms: Type.Optional(Terms),
  discount_base: Type.Optional(DiscountBase),
};
const GuardedChanges = Type.Object(guarded);
export type GuardedChanges = Static<typeof GuardedChanges>;
/** Absent on vendors from before such changes took a second person. */
const proposed = Type.Optional(ProposalOf(GuardedChanges));

export const VendorRecord = Type.Object({
  ...entityFields('vendor'),
  status: VendorStatus,
  ...facts,
  proposed,
  bank_accounts: Type.Array(BankAccountSummary),
  approved_by: Nullable(Id('user')),
  /** Whether numbering was restarted yearly once and is no more: claims by year may then stand. */
  invoice_numbers_restarted_yearly: Type.Optional(Type.Boolean()),
  /** Everyone who changed it: none of them approves it. */
  changed_by: Type.Array(Id('user')),
  /** The status an archived vendor returns to, so that unarchive never approves. */
  archived_from: Nullable(VendorStatus),
  /** The status a blocked vendor returns to, so that unblock never ends a payment hold. Absent on vendors blocked before it was kept. */
  blocked_from: Type.Optional(Nullable(VendorStatus)),
  audit: AuditHeadSchema,
});
export type Vendor = Static<typeof VendorRecord>;

export const VendorReply = Type.Object(
  {
    ...entityFields('vendor'),
    status: VendorStatus,
    ...facts,
    proposed,
    bank_accounts: Type.Array(ref(BankAccountSummary)),
    approved_by: Nullable(Id('user')),
  },
  { $id: 'Vendor' },
);

export const VendorSummary = Type.Object(
  {
    ...entityFields('vendor'),
    status: VendorStatus,
    name: Name,
    email: Email,
    tax_id: Nullable(TaxId),
    currency: CurrencyCode,
    payment_terms: Terms,
  },
  { $id: 'VendorSummary' },
);
export type VendorSummary = Static<typeof VendorSummary>;
export const VendorPage = pageOf(VendorSummary, 'VendorPage');

export const CreateVendor = Strict(
  {
    name: Name,
    email: Email,
    phone: Type.Optional(Phone),
    address: Type.Optional(PostalAddress),
    tax_id: Type.Optional(TaxId),
    payment_terms: Terms,
    currency: CurrencyCode,
    discount_base: Type.Optional(DiscountBase),
    invoice_numbers_restart_yearly: Type.Optional(RestartsYearly),
  },
  {
    $id: 'CreateVendor',
    examples: [
      {
        name: 'Northwind Paper BV',
        email: 'billing@northwind.example',
        address: {
          line1: 'Keizersgracht',
          building_number: '1',
          city: 'Amsterdam',
          postal_code: '1015 CJ',
          country: 'NL',
        },
        tax_id: 'NL001234567B01',
        payment_terms: 'NET 30',
        currency: 'EUR',
      },
    ],
  },
);
export type CreateVendor = Static<typeof CreateVendor>;

export const UpdateVendor = Strict(
  {
    name: Type.Optional(Name),
    ...guarded,
    currency: Type.Optional(CurrencyCode),
    invoice_numbers_restart_yearly: Type.Optional(RestartsYearly),
  },
  {
    $id: 'UpdateVendor',
    minProperties: 1,
    description:
      'Of a vendor that was approved, email, phone, address, tax_id, payment_terms and discount_base wait in `proposed` until another person approves them',
    examples: [{ payment_terms: '2/10 NET 30' }],
  },
);
export type UpdateVendor = Static<typeof UpdateVendor>;

export const VendorQuery = Strict({
  ...pageQuery,
  status: Type.Optional(VendorStatus),
  created_from: Type.Optional(CalendarDate),
  created_to: Type.Optional(CalendarDate),
  q: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: 'Prefix of the name, case-insensitive' })),
});
export type VendorQuery = Static<typeof VendorQuery>;
