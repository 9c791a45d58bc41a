/**
 * What of a vendor in use takes a second person: how it is reached, for a call-back or a letter, and what decides how much is paid and
 * when. The old value counts until another person approves the new one (docs/rules.md#vendors). Pure.
 */

import { canonicalJson } from '../../shared/audit/canonical.ts';
import { withKeyMakers } from '../../shared/decisions/history.ts';
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import { conflictError, DomainError } from '../../shared/errors.ts';
import { type Proposal, proposal, proposersOf } from '../../shared/proposal.ts';
import type { GuardedChanges, UpdateVendor, Vendor } from './vendor.schema.ts';

export const GUARDED_FIELDS = ['email', 'phone', 'address', 'tax_id', 'payment_terms', 'discount_base'] as const;

export interface VendorHand {
  readonly actorId: string;
  readonly now: Date;
}

/** The change as it takes effect now, with what waits beside it. A vendor that nobody approved yet changes as a whole. */
export function withGuardedChanges(
  vendor: Vendor,
  body: UpdateVendor,
  { actorId, now }: VendorHand,
): UpdateVendor & Proposed {
  if (vendor.status === 'pending') return body;
  const isGuarded = (name: string): boolean => GUARDED_FIELDS.some((field) => field === name);
  const entries = Object.entries(body);
  const atOnce: UpdateVendor = Object.fromEntries(entries.filter(([name]) => !isGuarded(name)));
  const changes: GuardedChanges = Object.fromEntries(
    entries.filter(([name, value]) => isGuarded(name) && differs(value, vendor[name as keyof Vendor])),
  );
  if (Object.keys(changes).length === 0) return atOnce;
  return { ...atOnce, proposed: proposal(changes, actorId, now, vendor.proposed ?? null) };
}

type Proposed = Pick<Vendor, 'proposed'>;

const differs = (a: unknown, b: unknown): boolean => canonicalJson(a ?? null) !== canonicalJson(b ?? null);

export const waitingChange = ({
  proposed,
  status,
}: Pick<Vendor, 'proposed' | 'status'>): Proposal<GuardedChanges> | undefined =>
  status === 'archived' ? undefined : (proposed ?? undefined);

export const mayApproveChange = (vendor: Vendor, actorId: string): boolean => {
  const waiting = waitingChange(vendor);
  return waiting !== undefined && !withKeyMakers(vendor, proposersOf(waiting)).includes(actorId);
};

/** @throws DomainError 409 where nothing waits, 403 for everyone who proposed it or what it replaced */
export function approvedChange(vendor: Vendor, actorId: string): Draft<Vendor> {
  const { changes } = requireWaiting(vendor);
  if (!mayApproveChange(vendor, actorId))
    throw new DomainError(
      'forbidden',
      'vendor.segregation-of-duties',
      'You proposed this change; another vendor manager approves it.',
    );
  return { ...vendor, ...changes, proposed: null };
}

/** By anyone who may approve, the proposer included: nothing changes by it. @throws DomainError 409 */
export function rejectedChange(vendor: Vendor): Draft<Vendor> {
  requireWaiting(vendor);
  return { ...vendor, proposed: null };
}

function requireWaiting(vendor: Vendor): Proposal<GuardedChanges> {
  const waiting = waitingChange(vendor);
  if (waiting === undefined) throw conflictError('vendor.nothing-proposed', 'No change of this vendor is pending.');
  return waiting;
}
