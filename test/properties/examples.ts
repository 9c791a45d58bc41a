/** Histories that once broke an invariant, told in the commands of the random ones, and with the invariant that each broke. */
import type { CommandName } from './commands/index.ts';
import type { Act, Step } from './history.ts';
import type { InvariantName } from './invariants/index.ts';

/** Numbers choose as they do in a random history: see the commands. `who` 0 to 2 may everything. */
const act = (command: CommandName, choice: Partial<Act> = {}): Step => [
  { command, who: 0, target: 0, how: 1, much: 0, dryRun: false, repeat: false, times: 1, ...choice },
];

/** The whole order, at its price. */
const enter = act('enterInvoice', { much: 1 });
/** In a unit that is not written as the order's. */
const enterInPieces = act('enterInvoice', { how: 2, much: 1 });
/** By the third person, below the order's price: an exception. */
const enterCheaper = act('enterInvoice', { who: 2, much: 1 });
/** So many steps of the latest invoice's life; the person changes with each. */
const drive = (steps: number, choice: Partial<Act> = {}): Step => act('driveInvoice', { much: steps - 1, ...choice });
/** A credit note of all that the invoice before bills, naming it and no order. */
const creditBySum = (target: number): Step => act('creditInvoice', { target, how: 1 });
const toApproval = drive(2);
/** Matched, approved, paid, and the payment's batch as far as its file. */
const toFile = drive(8);

/** An invoice that is approved, and a payment of it that is pending. */
export const ORDINARY: readonly Step[] = [enter, toApproval, act('makePayment')];

export interface Example {
  readonly title: string;
  readonly breaks: InvariantName;
  readonly history: readonly Step[];
}

export const EXAMPLES: readonly Example[] = [
  {
    title: 'the same pieces are not billed twice under two codes of their unit',
    breaks: 'billing',
    history: [enterInPieces, drive(3), enter, toApproval],
  },
  {
    title: 'an invoice is not credited twice by notes that name it and no order',
    breaks: 'credit_notes',
    history: [enter, toApproval, creditBySum(0), drive(3), creditBySum(1), drive(3)],
  },
  {
    title: 'parts that are cancelled and paid again take no more discount than was granted',
    breaks: 'balances',
    history: [
      act('enterInvoice', { who: 1, much: 3 }),
      toApproval,
      act('makePayment', { how: 0, much: 1 }),
      act('makePayment'),
      act('decidePayment', { target: 1, how: 0 }),
      act('makePayment'),
    ],
  },
  {
    title: 'an invoice that was pending when its order was closed is not approved',
    breaks: 'open_orders',
    history: [enter, act('decideOrder', { how: 0 }), toApproval],
  },
  {
    title: 'who overrode a match before a dispute does not approve after it',
    breaks: 'segregation',
    history: [enterCheaper, drive(2, { who: 5 }), act('decideInvoice', { how: 0 }), drive(4, { who: 2 })],
  },
  {
    title: 'a payment is not refused before its file was handed out, and paid again by a second file',
    breaks: 'files',
    history: [enter, toFile, act('decidePayment', { who: 0, how: 1 }), drive(7)],
  },
  {
    title: 'a download between the halves of a cancellation undoes the first half',
    breaks: 'files',
    history: [
      enter,
      drive(9),
      act('decideBatch', { who: 0 }),
      act('download', { who: 0 }),
      act('decideBatch', { who: 1 }),
      act('decidePayment', { who: 2, how: 0 }),
      drive(8),
    ],
  },
  {
    title: 'a price is not credited that only a voided invoice had',
    breaks: 'billed_prices',
    history: [
      act('enterInvoice', { who: 0, much: 2 }),
      toApproval,
      act('enterInvoice', { who: 1, much: 2, how: 1 }),
      drive(3),
      act('decideInvoice', { how: 1 }),
      act('creditInvoice', { how: 2 }),
      toApproval,
    ],
  },
  {
    title: 'many cancellations of one payment at once are all answered',
    breaks: 'no_failure',
    history: [enter, toApproval, act('makePayment'), act('decidePayment', { how: 0, times: 8 })],
  },
];
