/**
 * Seals every item that a client writes, and checks every item that it reads, so that no repository can forget to. Of indexes the summary is
 * checked, which is what they have of an item. Not looked at: other projections, which decide nothing, and scans and batch writes, with which
 * jobs take whole tables as they stand.
 */
import { IntegrityError } from '../errors.ts';
import type { DocumentClient } from './client.ts';
import { isSealed, type Seals, tableOf } from './seals.ts';
import type { TableName } from './tables.ts';
import type { WireItem } from './wire.ts';

interface Place {
  readonly TableName?: string;
  readonly IndexName?: string;
  readonly ProjectionExpression?: string;
}

interface Action {
  readonly Put?: Place & { readonly Item: WireItem };
  readonly Get?: Place;
  readonly Delete?: Place;
  readonly ConditionCheck?: Place;
}

/** What the commands that are looked at have between them. */
interface Input extends Place {
  readonly Item?: WireItem;
  readonly UpdateExpression?: string;
  /** Of a query alone. */
  readonly KeyConditionExpression?: string;
  readonly TransactItems?: readonly Action[];
  readonly RequestItems?: Readonly<Record<string, Place>>;
}

interface Held {
  Item?: WireItem | undefined;
}

interface Output extends Held {
  Items?: readonly WireItem[];
  Responses?: readonly Held[] | Record<string, readonly WireItem[]>;
}

interface Failure {
  readonly CancellationReasons?: readonly Held[];
}

/** @param broken told of every item that is not what we wrote, before the read that met it fails */
export function sealItems(client: DocumentClient, seals: Seals, broken: (error: IntegrityError) => void): void {
  const sealing = sealingOf(seals, broken);
  // The document client turns values into DynamoDB's form, and back, in steps of these names; other commands have them in it from the start.
  // What is added here under the same names gives way to those, so that the steps after them stand behind them in either case.
  const stack = client.middlewareStack as unknown as Stack;
  stack.addRelativeTo((next) => next, between('DocumentMarshall', 'before', 'serializerMiddleware'));
  stack.addRelativeTo((next) => next, between('DocumentUnmarshall', 'before', 'deserializerMiddleware'));
  stack.addRelativeTo(
    (next) => (args) => next({ ...args, input: sealing.input(args.input) }),
    between('sealItems', 'after', 'DocumentMarshall'),
  );
  stack.addRelativeTo(
    (next) => async (args) => {
      try {
        const reply = await next(args);
        sealing.output(args.input, reply.output);
        return reply;
      } catch (error) {
        sealing.failure(args.input, error as Failure);
        throw error;
      }
    },
    between('checkItems', 'after', 'DocumentUnmarshall'),
  );
}

interface Args {
  readonly input: Input;
}

type Step = (args: Args) => Promise<{ readonly output: Output }>;

/** The part of the SDK's stack of middleware that is used here. */
interface Stack {
  addRelativeTo(step: (next: Step) => Step, options: ReturnType<typeof between>): void;
}

const between = (name: string, relation: 'before' | 'after', toMiddleware: string) => ({
  name,
  relation,
  toMiddleware,
  override: true,
});

const sealedTable = (place: Place): TableName | undefined => {
  const table = tableOf(String(place.TableName));
  return table !== undefined && isSealed(table) ? table : undefined;
};

function sealingOf(seals: Seals, broken: (error: IntegrityError) => void) {
  const protect = <T extends Place & { readonly Item: WireItem }>(put: T): T => {
    const table = sealedTable(put);
    return table === undefined ? put : { ...put, Item: seals.protect(table, put.Item) };
  };
  const reveal = (place: Place, item: WireItem): WireItem => {
    const table = place.ProjectionExpression === undefined ? sealedTable(place) : undefined;
    if (table === undefined) return item;
    try {
      if (place.IndexName === undefined) return seals.reveal(table, item);
      seals.checkSummary(table, item);
      return item;
    } catch (error) {
      if (error instanceof IntegrityError) broken(error);
      throw error;
    }
  };
  const revealHeld = (place: Place | undefined, held: Held | undefined): void => {
    if (place !== undefined && held?.Item !== undefined) held.Item = reveal(place, held.Item);
  };

  return {
    input(input: Input): Input {
      if (input.UpdateExpression !== undefined && sealedTable(input) !== undefined)
        throw new TypeError(`an item of ${input.TableName} is sealed whole: put it, under a condition`);
      if (input.TransactItems !== undefined)
        return {
          ...input,
          TransactItems: input.TransactItems.map(({ Put, ...other }) =>
            Put === undefined ? other : { ...other, Put: protect(Put) },
          ),
        };
      return input.Item === undefined ? input : protect({ ...input, Item: input.Item });
    },
    output(input: Input, output: Output): void {
      revealHeld(input, output);
      if (input.KeyConditionExpression !== undefined && output.Items !== undefined)
        output.Items = output.Items.map((item) => reveal(input, item));
      const { Responses: responses = {} } = output;
      if (isList(responses))
        for (const [index, held] of responses.entries()) revealHeld(input.TransactItems?.[index]?.Get, held);
      else
        for (const [TableName, items] of Object.entries(responses))
          responses[TableName] = items.map((item) => reveal({ ...input.RequestItems?.[TableName], TableName }, item));
    },
    /** What a condition refused comes back with the refusal. */
    failure(input: Input, { CancellationReasons: reasons }: Failure): void {
      for (const [index, { Put, Delete, ConditionCheck }] of (input.TransactItems ?? []).entries())
        revealHeld(Put ?? Delete ?? ConditionCheck, reasons?.[index]);
    },
  };
}

const isList = (responses: NonNullable<Output['Responses']>): responses is readonly Held[] => Array.isArray(responses);
