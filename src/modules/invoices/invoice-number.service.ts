/** A number's claim and its look-alikes, moved with the invoice that has it. */
import type { Command } from '../../shared/command.ts';
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import type { PendingWrite } from '../../shared/dynamo/unit-of-work.ts';
import type { InvoiceRepository } from './invoice.repository.ts';
import type { Invoice } from './invoice.schema.ts';
import { heldInvoice, placedHold } from './invoice.ts';

export interface Numbered {
  readonly draft: Draft<Invoice>;
  readonly writes: readonly PendingWrite[];
}

/** Named in a hold; more would not fit in its reason. */
const MOST_NAMED = 5;

/** rules.md, Duplicates: a claim refuses the same number; one that differs only in separators raises a hold. */
export async function takeNumber(
  command: Command,
  repository: InvoiceRepository,
  before: Invoice | undefined,
  draft: Draft<Invoice>,
): Promise<Numbered> {
  const claims = repository.numberWrites(before, draft);
  if (before?.number_loose === draft.number_loose) return { draft, writes: claims };
  const similar = await repository.similarNumbers(draft.number_loose);
  const others = similar.owners.filter((owner) => owner !== draft.id);
  const given = before === undefined ? [] : await leaveSimilar(repository, before);
  const cleared = { ...draft, holds: draft.holds.filter(({ kind }) => kind !== 'similar_number') };
  return {
    draft: others.length === 0 ? cleared : heldInvoice(cleared, similarityHold(command, others)),
    writes: [...claims, repository.similarNumbersWrite(similar, [...others, draft.id]), ...given],
  };
}

/** The number is another invoice's to have again. */
export async function freeNumber(
  repository: InvoiceRepository,
  before: Invoice,
  after: Draft<Invoice>,
): Promise<readonly PendingWrite[]> {
  return [...repository.numberWrites(before, after), ...(await leaveSimilar(repository, before))];
}

async function leaveSimilar(repository: InvoiceRepository, invoice: Invoice): Promise<readonly PendingWrite[]> {
  const similar = await repository.similarNumbers(invoice.number_loose);
  const left = similar.owners.filter((owner) => owner !== invoice.id);
  return [repository.similarNumbersWrite(similar, left)];
}

const similarityHold = (command: Command, others: readonly string[]) =>
  placedHold(
    command.ids.next('hold'),
    'similar_number',
    `The number differs only in separators from that of ${others.slice(0, MOST_NAMED).join(', ')}`,
    { actorId: command.actor.id, now: command.now },
  );
