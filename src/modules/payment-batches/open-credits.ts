/** Open credit notes of the vendors that a run pays: those that it applies, and those that its approver is told of. */
import { isPositive, sumAmounts } from '../../shared/money.ts';
import type { Invoice, InvoiceService } from '../invoices/index.ts';
import type { Notice } from './payment-batch.schema.ts';

export interface OpenCredits {
  /** Ids of a vendor's open credit notes in a currency, oldest first. */
  of(vendorId: string, currency: string): Promise<readonly string[]>;
  /** Nothing of them is left to apply: they are not read again. */
  spent(ids: readonly string[]): void;
}

/** Found once a run, in the index: few vendors have any. Held ones take no open one's place. */
export function openCredits(invoices: Pick<InvoiceService, 'payable'>): OpenCredits {
  const gone = new Set<string>();
  let notes: Promise<ReadonlyMap<string, readonly string[]>> | undefined;
  const load = async () => {
    const byVendor = new Map<string, { id: string; date: string }[]>();
    for await (const note of invoices.payable('credit_note')) {
      if (note.on_hold) continue;
      const key = `${note.vendor_id} ${note.currency}`;
      const own = byVendor.get(key) ?? [];
      own.push({ id: note.id, date: `${note.invoice_date} ${note.created_at}` });
      byVendor.set(key, own);
    }
    const oldestFirst = (own: { id: string; date: string }[]) => own.sort((a, b) => (a.date < b.date ? -1 : 1));
    return new Map([...byVendor].map(([key, own]) => [key, oldestFirst(own).map(({ id }) => id)]));
  };
  return {
    async of(vendorId, currency) {
      notes ??= load();
      return ((await notes).get(`${vendorId} ${currency}`) ?? []).filter((id) => !gone.has(id));
    },
    spent(ids) {
      for (const id of ids) gone.add(id);
    },
  };
}

const OPEN: ReadonlySet<string> = new Set(['approved', 'partially_applied']);

/** What a run may apply of it now. */
export const isOpenCredit = ({ holds, payable_amount, status }: Invoice): boolean =>
  holds.length === 0 && isPositive(payable_amount) && OPEN.has(status);

/** What no later invoice of the run can use: its hold may be released, the rest stays so. */
export const isSpentCredit = ({ type, payable_amount, status }: Invoice): boolean =>
  type === 'credit_note' && !(isPositive(payable_amount) && OPEN.has(status));

/** So many vendors are told of, and so many credit notes of each. */
export const MOST_NOTICES = 50;
const MOST_NOTES = 20;

/**
 * A run nets credits only into payments that it makes (docs/rules.md#payment-batches): of vendors whose approved payment joined at its amount, what is still
 * open. An approver then knows that less could be paid.
 */
export async function creditNotices(
  vendorIds: readonly string[],
  currency: string,
  credits: OpenCredits,
  load: (id: string) => Promise<Invoice>,
): Promise<Notice[]> {
  const notices: Notice[] = [];
  for (const vendor_id of vendorIds.slice(0, MOST_NOTICES)) {
    const ids = (await credits.of(vendor_id, currency)).slice(0, MOST_NOTES);
    const open = (await Promise.all(ids.map(load))).filter(isOpenCredit);
    if (open.length === 0) continue;
    const amount = sumAmounts(
      open.map(({ payable_amount }) => payable_amount),
      currency,
    );
    notices.push({
      code: 'open_credit',
      detail: `The vendor has open credit notes of ${amount} ${currency}. A payment to it that was approved before the batch was made is paid in full.`,
      vendor_id,
      credit_note_ids: open.map(({ id }) => id),
      amount,
    });
  }
  return notices;
}
