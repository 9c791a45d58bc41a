/** The shipped policy (docs/contract.md#who-may): one approval a document, an invoice without an order two. */
import type { ApprovalPolicy, MatchTolerances } from './policy.schema.ts';
import { TOLERANCE_KINDS } from './policy.schema.ts';

export const SHIPPED_POLICY: ApprovalPolicy = {
  source: 'shipped',
  policies: [
    { document: 'vendor', steps: [{ role: 'vendor_manager' }] },
    { document: 'bank_account', steps: [{ role: 'vendor_manager' }] },
    { document: 'purchase_order', steps: [{ role: 'approver' }] },
    { document: 'invoice', steps: [{ role: 'ap_manager' }] },
    { document: 'invoice_without_po', steps: [{ role: 'approver' }, { role: 'ap_manager' }] },
    { document: 'payment', steps: [{ role: 'treasurer' }] },
    { document: 'payment_batch', steps: [{ role: 'treasurer' }] },
  ],
};

interface Limit {
  readonly absolute?: string | undefined;
  readonly absolute_per_line?: string | undefined;
  readonly percent?: string | undefined;
  readonly join?: 'and' | 'or' | undefined;
}

/** What the match itself is given, kind by kind. */
export type ToleranceTable = Readonly<
  Partial<
    Record<
      (typeof TOLERANCE_KINDS)[number],
      { readonly over?: Limit | undefined; readonly under?: Limit | undefined } | undefined
    >
  >
>;

export const toleranceView = (table: ToleranceTable): MatchTolerances => ({
  source: 'shipped',
  tolerances: TOLERANCE_KINDS.map((kind) => ({
    kind,
    over: limitView(table[kind]?.over),
    under: limitView(table[kind]?.under),
  })),
});

const limitView = (limit: Limit | undefined): MatchTolerances['tolerances'][number]['over'] => {
  if (limit === undefined) return null;
  const { absolute, absolute_per_line, percent, join } = limit;
  return {
    ...(absolute === undefined ? {} : { absolute }),
    ...(absolute_per_line === undefined ? {} : { absolute_per_line }),
    ...(percent === undefined ? {} : { percent }),
    ...(join === undefined ? {} : { join }),
  };
};
