/** Of the files that the bank may have or may still get, no payment is in two, and no invoice is paid twice. */
import { add, compare, plain } from '../../../src/shared/money.ts';
import type { Loose } from '../../support/api.ts';
import { chainOf, changed, type Invariant, type State } from '../state.ts';
import type { Exchange } from '../world.ts';
import { coveredBy, creditsOn, dueOn, sum } from './balances.ts';

export const files: Invariant = async (state) => {
  const { world, batches } = state;
  const left = new Map<string, ReadonlySet<string>>();
  for (const { id } of batches) {
    const earlier = downloadsOf(state, id).filter((download) => hasLeft(state, id, download));
    const [treasurer] = world.people;
    const reply = treasurer === undefined ? undefined : await world.send(treasurer, 'GET', `/exports/${id}/json`);
    const found = [...earlier.map((exchange) => exchange.reply), ...(reply?.status === 200 ? [reply.body] : [])];
    left.set(id, new Set(found.flatMap(referencesIn)));
  }
  return [...inTwoFiles(left), ...paidTwice(state, left)];
};

/** By reference: both forms of a file name each payment by it. */
const referencesIn = (file: Loose): readonly string[] =>
  typeof file === 'string'
    ? [...file.matchAll(/<EndToEndId>([^<]+)</g)].map(([, reference]) => String(reference))
    : (file.payments ?? []).map(({ end_to_end_id }: Loose) => end_to_end_id);

const downloadsOf = ({ world }: State, id: string): readonly Exchange[] =>
  world.exchanges.filter(
    ({ method, path, status }) => method === 'GET' && path.startsWith(`/exports/${id}/`) && status === 200,
  );

/** Unless somebody asked for the cancellation after it, and so said that the bank never got it. */
function hasLeft(state: State, id: string, download: Exchange): boolean {
  const chain = chainOf(state, id);
  if (!chain.some((event) => changed(event, 'status') === 'cancelled' || changed(event, 'status') === 'cancelling'))
    return true;
  const asked = chain.findLast((event) => (changed(event, 'cancellation') ?? null) !== null);
  return asked?.exchange !== undefined && asked.exchange.ended < download.began;
}

function inTwoFiles(left: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] {
  const seen = new Map<string, string>();
  const breaches: string[] = [];
  for (const [batch, references] of left)
    for (const reference of references) {
      const other = seen.get(reference);
      if (other !== undefined) breaches.push(`payment ${reference} is in the files of ${other} and ${batch}`);
      seen.set(reference, batch);
    }
  return breaches;
}

function paidTwice(state: State, left: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] {
  const named = new Set([...left.values()].flatMap((references) => [...references]));
  return state.invoices.flatMap((invoice) => {
    const out = state.payments.filter(
      (payment) =>
        payment.invoice_id === invoice.id && named.has(payment.reference_number) && !cameBack(state, payment),
    );
    if (out.length === 0) return [];
    const used = plain(add(sum(out, coveredBy), creditsOn(invoice)));
    return compare(used, dueOn(invoice)) > 0
      ? [`files pay ${used} of ${dueOn(invoice)} due on ${invoice.id} (${invoice.status}), credits included`]
      : [];
  });
}

/** The bank refused or returned it, which it can only once the file was handed out. */
function cameBack(state: State, payment: Loose): boolean {
  if (payment.status !== 'failed' && payment.status !== 'returned' && payment.status !== 'voided') return false;
  const answer = chainOf(state, payment.id).findLast(({ action }) => action === 'fail' || action === 'return');
  const batch = payment.batch_id ?? '';
  const sent = chainOf(state, batch).some(
    ({ action, exchange }) => action === 'send' && within(exchange, answer?.exchange),
  );
  return sent || downloadsOf(state, batch).some((download) => within(download, answer?.exchange));
}

const within = (first: Exchange | undefined, then: Exchange | undefined): boolean =>
  first !== undefined && then !== undefined && first.began < then.ended;
