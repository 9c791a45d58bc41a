/**
 * Who had a hand in an object, and what that bars them from (docs/rules.md#who). What is remembered only grows: no dispute, change,
 * recall or rejection empties it. It holds each person once per act, so it is bounded by the people there are. Pure.
 */
import { type Static, Type } from '@sinclair/typebox';
import { Id } from '../http/schemas.ts';

/** What later states of an object would otherwise forget. */
const REMEMBERED = ['requested', 'submitted', 'proposed', 'overrode', 'approved'] as const;
type Remembered = (typeof REMEMBERED)[number];
type Act = Remembered | 'made' | 'changed' | 'approved_invoice' | 'proposed_account';

const PastAct = Type.Object({ by: Id('user'), act: Type.Union(REMEMBERED.map((act) => Type.Literal(act))) });
export type PastAct = Static<typeof PastAct>;

/** Absent on objects that were stored before it was kept. */
export const History = Type.Optional(Type.Array(PastAct));

/** The fields in which the kinds of objects keep people; what was stored before `history` was kept is read from the others. */
export interface Handled {
  readonly created_by?: string;
  readonly changed_by?: readonly string[];
  readonly requested_by?: string;
  /** Of a batch: it pins what the file is made of. */
  readonly submitted_by?: string | null;
  readonly approvals?: readonly {
    readonly step?: string;
    readonly approved_by?: string;
    readonly decision?: string;
    readonly decided_by?: string;
  }[];
  readonly history?: readonly PastAct[] | undefined;
  /** Of a payment, and of the payments that a batch made. */
  readonly invoice_approvers?: readonly string[];
  readonly account_proposers?: readonly string[] | undefined;
  readonly barred_approvers?: readonly string[];
  readonly closed_by?: string | null | undefined;
  readonly bank_answers?: readonly { readonly recorded_by: string }[];
  readonly proposed?: {
    readonly proposed_by: string;
    readonly also_proposed_by?: readonly string[] | undefined;
  } | null;
  /** Of every kind: whose keys acted on it in whose name. */
  readonly key_hands?: readonly { readonly by: string; readonly made_by: string }[];
}

const BARS = {
  override_invoice: ['made', 'changed'],
  approve_invoice: ['made', 'changed', 'overrode'],
  approve_payment_of_invoice: ['overrode', 'approved'],
  approve_order: ['made', 'requested', 'changed'],
  approve_vendor: ['made', 'changed'],
  approve_account: ['made', 'proposed'],
  approve_payment_to_account: ['made', 'proposed'],
  approve_payment: ['made', 'approved_invoice', 'proposed_account'],
  record_bank_answer: ['made'],
  approve_batch: ['made', 'submitted', 'approved_invoice', 'proposed_account'],
  approve_debtor_account: ['made', 'changed'],
} as const satisfies Readonly<Record<string, readonly Act[]>>;

export type BarredDecision = keyof typeof BARS;

/** Everyone whom the history of the object bars from this decision on it. */
export function barredFrom(decision: BarredDecision, object: Handled): ReadonlySet<string> {
  const bars: readonly Act[] = BARS[decision];
  const barred = handsIn(object).flatMap(({ by, act }) => (bars.includes(act) ? [by] : []));
  return new Set(withKeyMakers(object, barred));
}

/** These people, and those who made the keys by which they acted on the object. */
export function withKeyMakers(object: object, people: readonly (string | null | undefined)[]): readonly string[] {
  const { key_hands = [] } = object as Handled;
  const named = people.filter((id) => typeof id === 'string');
  return [...named, ...key_hands.flatMap(({ by, made_by }) => (named.includes(by) ? [made_by] : []))];
}

/** Everyone who had a hand in the object, whatever they did. */
export function everyoneIn(object: Handled): ReadonlySet<string> {
  const { closed_by, bank_answers = [], proposed } = object;
  const others = [closed_by, proposed?.proposed_by, ...(proposed?.also_proposed_by ?? [])];
  const people = [
    ...handsIn(object).map(({ by }) => by),
    ...others,
    ...bank_answers.map(({ recorded_by }) => recorded_by),
  ];
  return new Set(withKeyMakers(object, people));
}

/** The history as it is kept: what was remembered, what the next state may forget, and what is done now. */
export function remembered(object: Handled, ...done: readonly PastAct[]): PastAct[] {
  const known = new Map<string, PastAct>();
  for (const { by, act } of [...handsIn(object), ...done])
    if (isRemembered(act)) known.set(`${act} ${by}`, known.get(`${act} ${by}`) ?? { by, act });
  return [...known.values()];
}

const isRemembered = (act: Act): act is Remembered => REMEMBERED.some((known) => known === act);

interface Hand {
  readonly by: string;
  readonly act: Act;
}

function handsIn(object: Handled): readonly Hand[] {
  const did = (act: Act, people: readonly (string | null | undefined)[] = []): Hand[] =>
    people.flatMap((by) => (by === undefined || by === null ? [] : [{ by, act }]));
  const { approvals = [] } = object;
  return [
    ...(object.history ?? []),
    ...did('made', [object.created_by]),
    ...did('changed', object.changed_by),
    ...did('requested', [object.requested_by]),
    ...did('submitted', [object.submitted_by]),
    ...approvals.flatMap(({ step, approved_by }) => did(step === 'override' ? 'overrode' : 'approved', [approved_by])),
    ...approvals.flatMap(({ decision, decided_by }) => (decision === 'approved' ? did('approved', [decided_by]) : [])),
    ...did('approved_invoice', object.invoice_approvers),
    ...did('proposed_account', object.account_proposers),
    ...did('approved_invoice', object.barred_approvers),
  ];
}
