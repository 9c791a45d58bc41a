/** A number's claim and its look-alikes, moved with the invoice that has it. */
import type { Command } from '../../shared/command.ts';
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import type { PendingWrite } from '../../shared/dynamo/unit-of-work.ts';
import type { Vendor } from '../vendors/index.ts';
import { invoiceNumberClaim, isSameNumber, yearOf } from './domain/invoice-number.ts';
import { similarForms, similarityReason, similarKeys } from './domain/similar-number.ts';
import { duplicate, type InvoiceRepository, type SimilarNumbers } from './invoice.repository.ts';
import type { Hold, Invoice } from './invoice.schema.ts';
import { placedHold } from './invoice.ts';

export interface NumberDeps {
  readonly repository: InvoiceRepository;
  /** Keyed hashes of what identifies the vendor: the same ones are the same party. */
  readonly identities: (vendor: Vendor) => Promise<readonly string[]>;
}

export interface Numbered {
  readonly draft: Draft<Invoice>;
  readonly writes: readonly PendingWrite[];
}

/** More than these share nothing but a mistake; each costs a read. */
const MOST_SIBLINGS = 20;
const MOST_COMPARED = 20;
/** A list has room in its item. */
const MOST_OWNERS = 200;

/** A claim refuses the same number; one that looks alike raises a hold. */
export async function takeNumber(
  command: Command,
  deps: NumberDeps,
  before: Invoice | undefined,
  made: Draft<Invoice>,
  vendor: Vendor | undefined,
): Promise<Numbered> {
  if (vendor === undefined) throw new TypeError('an invoice was made without its vendor');
  const { repository } = deps;
  const sameNumber = before !== undefined && isSameNumber(before, made);
  if (!sameNumber) await refuseTaken(repository, made, vendor);
  const draft = sameNumber ? { ...made, number_claim: before.number_claim } : made;
  const claims = repository.numberWrites(before, draft);
  const sameKeys = before?.number_similar?.join() === draft.number_similar?.join();
  if (sameNumber && sameKeys) return { draft, writes: claims };
  const found = await lookAlikes(deps, draft, vendor, before);
  const compared = sameKeys ? (before?.number_compared ?? []) : [];
  const holds = sameKeys ? draft.holds : draft.holds.filter(({ kind }) => kind !== 'similar_number');
  const fresh = found.others.filter(({ id }) => !compared.includes(id));
  return {
    draft: { ...draft, ...heldFor(command, draft, { holds, compared }, fresh) },
    writes: [...claims, ...found.writes],
  };
}

/**
 * Asked again when an invoice is matched: meanwhile its vendor may have come to share an account with another one. An invoice that already
 * names this one is no reason to hold both.
 */
export async function lookAgain(
  command: Command,
  deps: NumberDeps,
  invoice: Invoice,
  vendor: Vendor | undefined,
): Promise<{ readonly changes: Partial<Draft<Invoice>>; readonly writes: readonly PendingWrite[] }> {
  if (vendor === undefined || invoice.number_similar === undefined) return { changes: {}, writes: [] };
  const { others, writes } = await lookAlikes(deps, invoice, vendor, undefined);
  const compared = invoice.number_compared ?? [];
  const fresh = others.filter(
    (other) =>
      other.vendor_id !== invoice.vendor_id &&
      !compared.includes(other.id) &&
      !other.number_compared?.includes(invoice.id),
  );
  return { changes: heldFor(command, invoice, { holds: invoice.holds, compared }, fresh), writes };
}

/** The number is another invoice's to have again. */
export async function freeNumber(
  repository: InvoiceRepository,
  before: Invoice,
  after: Draft<Invoice>,
): Promise<readonly PendingWrite[]> {
  const lists = await repository.similarNumbers(keysOf(before));
  const left = [...lists.values()].flatMap((list) => leave(repository, list, before.id));
  return [...repository.numberWrites(before, after), ...left];
}

/** Claims with a year in them, of a vendor that no longer restarts numbering. */
const CLAIM_YEARS = Array.from({ length: 100 }, (_, index) => String(2000 + index));

/**
 * A vendor may change its mind about restarting numbers yearly, and its claims stay as they were made: the number alone, or with the year.
 * The claims of the other form are asked here; the vendor's choice is a condition of the transaction.
 */
async function refuseTaken(repository: InvoiceRepository, draft: Draft<Invoice>, vendor: Vendor): Promise<void> {
  const alone = invoiceNumberClaim(draft).claim;
  if (vendor.invoice_numbers_restart_yearly) {
    const [holder] = await repository.claimHolders([alone]);
    const other = holder === undefined || holder === draft.id ? undefined : await repository.invoices.get(holder);
    if (other !== undefined && yearOf(other) === yearOf(draft)) throw duplicate(other.id);
    return;
  }
  if (vendor.invoice_numbers_restarted_yearly !== true) return;
  const holders = await repository.claimHolders(CLAIM_YEARS.map((year) => `${alone}#${year}`));
  const other = holders.find((holder) => holder !== draft.id);
  if (other !== undefined) throw duplicate(other);
}

interface LookAlikes {
  readonly others: readonly Invoice[];
  /** It joins the lists of its number, leaves those it had, and its vendor those of its identities. */
  readonly writes: readonly PendingWrite[];
}

async function lookAlikes(
  { repository, identities }: NumberDeps,
  draft: Draft<Invoice>,
  vendor: Vendor,
  before: Invoice | undefined,
): Promise<LookAlikes> {
  const parties = [...(await repository.vendorIdentities(await identities(vendor))).values()];
  const siblings = [...new Set(parties.flatMap(({ owners }) => owners))].filter((id) => id !== vendor.id);
  const forms = similarForms(draft.invoice_number);
  const theirs = siblings.slice(0, MOST_SIBLINGS).flatMap((id) => similarKeys(id, draft.type, forms));
  const own = draft.number_similar ?? [];
  const left = before === undefined ? [] : keysOf(before).filter((key) => !own.includes(key));
  const lists = await repository.similarNumbers([...new Set([...own, draft.number_loose, ...theirs, ...left])]);
  const of = (keys: readonly string[]) => keys.flatMap((key) => lists.get(key) ?? []);
  const ids = new Set(of([...own, draft.number_loose, ...theirs]).flatMap(({ owners }) => owners));
  return {
    others: await othersOf(repository, draft, vendor, [...ids]),
    writes: [
      ...of(own).flatMap((list) => join(repository, list, draft.id)),
      ...of(left).flatMap((list) => leave(repository, list, draft.id)),
      ...of(theirs).map((list) => repository.similarNumbersCheck(list)),
      ...parties.flatMap((list) => join(repository, list, vendor.id)),
    ],
  };
}

async function othersOf(
  repository: InvoiceRepository,
  draft: Draft<Invoice>,
  vendor: Vendor,
  ids: readonly string[],
): Promise<readonly Invoice[]> {
  const asked = ids.filter((id) => id !== draft.id).slice(-MOST_COMPARED);
  const found = await Promise.all(asked.map((id) => repository.invoices.get(id)));
  return found.flatMap((other) => {
    if (other === undefined) return [];
    return vendor.invoice_numbers_restart_yearly && yearOf(other) !== yearOf(draft) ? [] : [other];
  });
}

const keysOf = ({ number_similar, number_loose }: Invoice): readonly string[] => [
  ...(number_similar ?? []),
  number_loose,
];

const join = (repository: InvoiceRepository, list: SimilarNumbers, id: string): readonly PendingWrite[] =>
  list.owners.includes(id) || list.owners.length >= MOST_OWNERS
    ? []
    : [repository.similarNumbersWrite(list, [...list.owners, id])];

const leave = (repository: InvoiceRepository, list: SimilarNumbers, id: string): readonly PendingWrite[] =>
  list.owners.includes(id)
    ? [
        repository.similarNumbersWrite(
          list,
          list.owners.filter((owner) => owner !== id),
        ),
      ]
    : [];

function heldFor(
  command: Command,
  { vendor_id }: Pick<Invoice, 'vendor_id'>,
  { holds, compared }: { readonly holds: readonly Hold[]; readonly compared: readonly string[] },
  fresh: readonly Invoice[],
) {
  if (fresh.length === 0) return { holds: [...holds], number_compared: [...compared] };
  const reason = similarityReason(vendor_id, fresh);
  const by = { actorId: command.actor.id, now: command.now };
  const hold = placedHold(command.ids.next('hold'), 'similar_number', reason, by);
  return { holds: [...holds, hold], number_compared: [...compared, ...fresh.map(({ id }) => id)] };
}
