/** What the list of unit conversions may become. Pure. */
import { withKeyMakers } from '../../shared/decisions/history.ts';
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import { conflictError, type ErrorItem, refuseIfAny } from '../../shared/errors.ts';
import { isPositive, plain } from '../../shared/money.ts';
import { type Proposal, proposal, proposersOf, refuseOwnHand } from '../../shared/proposal.ts';
import { sameUnit, unitCode } from '../../shared/units.ts';
import type { ChangeFacts } from './company.ts';
import type { Conversion, UnitConversions, UpdateUnitConversions } from './unit-conversions.schema.ts';

export const noConversions = (actorId: string): Draft<UnitConversions> => ({
  id: 'unit_conversions',
  status: 'active',
  conversions: [],
  proposed: null,
  created_by: actorId,
});

/** Takes effect at once, or is kept beside what stands. @throws DomainError 422 with every finding */
export function changedConversions(
  list: Draft<UnitConversions>,
  body: UpdateUnitConversions,
  facts: ChangeFacts,
): Draft<UnitConversions> {
  refuseIfAny('settings.invalid', 'The unit conversions are invalid.', findings(body.conversions));
  const changes = { conversions: body.conversions.map((each) => ({ ...each, factor: plain(each.factor) })) };
  return facts.secondAdmin
    ? { ...list, proposed: proposal(changes, facts.actorId, facts.now, list.proposed) }
    : { ...list, ...changes, proposed: null };
}

/** @throws DomainError 409 where nothing is proposed, 403 for the person who proposed it */
export function approvedConversions(list: Draft<UnitConversions>, actorId: string): Draft<UnitConversions> {
  const waiting = proposed(list);
  refuseOwnHand('settings', withKeyMakers(list, proposersOf(waiting)), actorId);
  return { ...list, ...waiting.changes, proposed: null };
}

export function rejectedConversions(list: Draft<UnitConversions>): Draft<UnitConversions> {
  proposed(list);
  return { ...list, proposed: null };
}

function proposed(list: Draft<UnitConversions>): Proposal<UpdateUnitConversions> {
  if (list.proposed === null)
    throw conflictError('settings.nothing-proposed', 'No change of the unit conversions is pending.');
  return list.proposed;
}

function findings(conversions: readonly Conversion[]): readonly ErrorItem[] {
  const errors: ErrorItem[] = [];
  const first = new Map<string, number>();
  for (const [index, conversion] of conversions.entries()) {
    const { from_unit, to_unit, factor } = conversion;
    const at = (field: string, detail: string) => errors.push({ pointer: `/conversions/${index}${field}`, detail });
    if (!isPositive(factor)) at('/factor', 'must be more than 0');
    if (sameUnit(from_unit, to_unit)) at('/to_unit', `${from_unit} and ${to_unit} are the same unit`);
    const other = first.get(keyOf(conversion));
    if (other !== undefined) at('', `converts the same units as /conversions/${other}`);
    else first.set(keyOf(conversion), index);
  }
  return errors;
}

const keyOf = ({ vendor_id, sku, from_unit, to_unit }: Conversion): string =>
  JSON.stringify([vendor_id ?? null, sku ?? null, ...[unitCode(from_unit), unitCode(to_unit)].sort()]);
