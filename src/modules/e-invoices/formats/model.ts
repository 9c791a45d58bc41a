/**
 * The semantic model of EN 16931-1: business groups as objects, business terms as fields (BT and BG numbers beside them). Values are as
 * the file states them: an amount is its decimal string, a date is YYYY-MM-DD, nothing is rounded or computed.
 */

/** Where a group stands in the file, such as `/Invoice/InvoiceLine[2]`. */
export interface Located {
  readonly path: string;
}

/** An amount as written, with the currency of its own element where it states one. */
export interface Amount {
  readonly value: string;
  readonly currency: string | undefined;
}

export interface Identifier extends Located {
  readonly id: string | undefined;
  readonly scheme: string | undefined;
}

export interface Period extends Located {
  readonly start: string | undefined;
  readonly end: string | undefined;
}

export interface Address extends Located {
  readonly lines: readonly string[];
  readonly city: string | undefined;
  readonly postal_code: string | undefined;
  readonly region: string | undefined;
  readonly country: string | undefined;
}

/** BG-4 seller, BG-7 buyer, BG-10 payee, BG-11 tax representative. */
export interface Party extends Located {
  readonly name: string | undefined;
  readonly trading_name: string | undefined;
  readonly identifiers: readonly Identifier[];
  readonly legal_id: Identifier | undefined;
  readonly legal_form: string | undefined;
  readonly vat_id: string | undefined;
  readonly tax_registration: string | undefined;
  readonly endpoint: Identifier | undefined;
  readonly address: Address | undefined;
  readonly contact: { readonly name?: string; readonly phone?: string; readonly email?: string } | undefined;
}

/** BG-20, BG-21, BG-27, BG-28. */
export interface AllowanceCharge extends Located {
  readonly charge: boolean;
  readonly amount: Amount | undefined;
  readonly base_amount: Amount | undefined;
  readonly percent: string | undefined;
  readonly vat: VatCategory | undefined;
  readonly reason: string | undefined;
  readonly reason_code: string | undefined;
}

export interface VatCategory {
  readonly category: string;
  readonly rate: string | undefined;
}

/** BG-23. */
export interface VatBreakdown extends Located {
  readonly taxable_amount: Amount | undefined;
  readonly tax_amount: Amount | undefined;
  readonly category: string | undefined;
  readonly rate: string | undefined;
  readonly exemption_reason: string | undefined;
  readonly exemption_code: string | undefined;
}

/** BT-110 or BT-111, with the breakdown under it. */
export interface VatTotal extends Located {
  readonly amount: Amount | undefined;
  readonly breakdown: readonly VatBreakdown[];
}

/** BG-16 to BG-19. */
export interface PaymentInstruction extends Located {
  readonly means_code: string | undefined;
  readonly means_text: string | undefined;
  readonly remittance: string | undefined;
  readonly account: Account | undefined;
  /** Of a card number only its length and last four digits are kept. */
  readonly card:
    | { readonly digits: number; readonly last_digits: string; readonly holder: string | undefined }
    | undefined;
  readonly mandate: { readonly id: string | undefined; readonly debited_account: string | undefined } | undefined;
}

export interface Account extends Located {
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly bic: string | undefined;
}

/** BG-22. */
export interface Totals extends Located {
  readonly lines: Amount | undefined;
  readonly allowances: Amount | undefined;
  readonly charges: Amount | undefined;
  readonly without_vat: Amount | undefined;
  readonly with_vat: Amount | undefined;
  readonly prepaid: Amount | undefined;
  readonly rounding: Amount | undefined;
  readonly due: Amount | undefined;
}

/** BG-24. The bytes of an attachment are in the stored file; here is what it is. */
export interface Attachment extends Located {
  readonly id: string | undefined;
  readonly description: string | undefined;
  readonly uri: string | undefined;
  readonly filename: string | undefined;
  readonly mime_type: string | undefined;
  readonly embedded: boolean;
}

export interface Line extends Located {
  readonly id: string | undefined;
  readonly note: string | undefined;
  readonly object_id: Identifier | undefined;
  readonly quantity: string | undefined;
  readonly unit: string | undefined;
  readonly net_amount: Amount | undefined;
  readonly order_line: string | undefined;
  readonly accounting_reference: string | undefined;
  readonly period: Period | undefined;
  readonly allowance_charges: readonly AllowanceCharge[];
  readonly price: Price | undefined;
  readonly vat: VatCategory | undefined;
  readonly item: Item | undefined;
}

/** BG-29. */
export interface Price {
  readonly net: Amount | undefined;
  readonly discount: Amount | undefined;
  readonly gross: Amount | undefined;
  readonly base_quantity: string | undefined;
  readonly base_unit: string | undefined;
}

/** BG-31. */
export interface Item extends Located {
  readonly name: string | undefined;
  readonly description: string | undefined;
  readonly seller_id: string | undefined;
  readonly buyer_id: string | undefined;
  readonly standard_id: Identifier | undefined;
  readonly classifications: readonly Identifier[];
  readonly origin_country: string | undefined;
  readonly attributes: readonly ItemAttribute[];
}

export interface ItemAttribute extends Located {
  readonly name: string | undefined;
  readonly value: string | undefined;
}

export interface EInvoice extends Located {
  readonly syntax: 'ubl' | 'cii';
  readonly kind: 'invoice' | 'credit_note';
  readonly process: string | undefined;
  readonly specification: string | undefined;
  readonly number: string | undefined;
  readonly issue_date: string | undefined;
  readonly type_code: string | undefined;
  readonly currency: string | undefined;
  readonly vat_currency: string | undefined;
  readonly tax_point_date: string | undefined;
  readonly tax_point_code: string | undefined;
  readonly due_date: string | undefined;
  readonly payment_terms: string | undefined;
  readonly notes: readonly { readonly subject_code?: string; readonly text: string }[];
  readonly references: References;
  readonly preceding_invoices: readonly PrecedingInvoice[];
  readonly period: Period | undefined;
  readonly seller: Party | undefined;
  readonly buyer: Party | undefined;
  readonly payee: Party | undefined;
  readonly tax_representative: Party | undefined;
  readonly delivery: Delivery | undefined;
  readonly payment: readonly PaymentInstruction[];
  readonly creditor_id: string | undefined;
  readonly allowance_charges: readonly AllowanceCharge[];
  readonly totals: Totals | undefined;
  readonly vat_totals: readonly VatTotal[];
  readonly attachments: readonly Attachment[];
  readonly lines: readonly Line[];
}

export interface References {
  readonly buyer_reference: string | undefined;
  readonly purchase_order: string | undefined;
  readonly sales_order: string | undefined;
  readonly contract: string | undefined;
  readonly project: string | undefined;
  readonly receiving_advice: string | undefined;
  readonly despatch_advice: string | undefined;
  readonly tender: string | undefined;
  readonly object_id: Identifier | undefined;
  readonly accounting: string | undefined;
}

export interface PrecedingInvoice extends Located {
  readonly number: string | undefined;
  readonly issue_date: string | undefined;
}

/** BG-13. */
export interface Delivery extends Located {
  readonly name: string | undefined;
  readonly location: Identifier | undefined;
  readonly date: string | undefined;
  readonly address: Address | undefined;
}

/** What a rule found. `rule` is the id of EN 16931 or, for what a schema would refuse, `SYNTAX`. */
export interface Finding {
  readonly rule: string;
  readonly severity: 'fatal' | 'warning';
  readonly location: string;
  readonly message: string;
}
