/** What every command has: random numbers to choose by, and the world to choose from. A reply of 4xx is as good as one of 2xx. */
import type { Loose } from '../../support/api.ts';
import type { Kind, Person, SendOptions, World } from '../world.ts';

/** Random numbers that say who, on what, how, and how much. */
export interface Choice {
  readonly who: number;
  readonly target: number;
  readonly how: number;
  readonly much: number;
  readonly dryRun: boolean;
  readonly repeat: boolean;
}

export type Command = (world: World, choice: Choice) => Promise<void>;

export function oneOf<T>(list: readonly T[], choice: number): T {
  if (list.length === 0) throw new Error('nothing to choose from');
  return list[choice % list.length] as T;
}

export const personOf = (world: World, { who }: Choice): Person => oneOf(world.people, who);

/** Mostly one of the latest. */
export function targetOf({ ids }: World, kind: Kind, { target }: Choice): string | undefined {
  const list = ids[kind];
  return list[list.length - 1 - (target % Math.max(1, list.length))];
}

export const PATH: Readonly<Record<Exclude<Kind, 'account'>, string>> = {
  vendor: '/vendors',
  order: '/purchase-orders',
  receipt: '/receipts',
  invoice: '/invoices',
  payment: '/payments',
  batch: '/payment-batches',
};

export const readOne = async (world: World, kind: Exclude<Kind, 'account'>, id: string | undefined): Promise<Loose> =>
  id === undefined ? undefined : world.read(`${PATH[kind]}/${id}`);

/** Sends as the choice says: dry, or once more under the same key. */
export async function sendAs(
  world: World,
  person: Person,
  choice: Choice,
  method: string,
  path: string,
  body: unknown,
  options: SendOptions = {},
): Promise<Loose> {
  const key = choice.repeat ? `key-${world.unique()}` : undefined;
  const reply = await world.send(person, method, path, body, { ...options, dryRun: choice.dryRun, key });
  if (choice.repeat) await world.send(person, method, path, body, { ...options, dryRun: choice.dryRun, key });
  return reply;
}

/** An action on an entity at the version read. */
export const act = (
  world: World,
  choice: Choice,
  kind: Exclude<Kind, 'account'>,
  entity: Loose,
  action: string,
  body: object = {},
  person = personOf(world, choice),
): Promise<Loose> =>
  sendAs(world, person, choice, 'POST', `${PATH[kind]}/${entity.id}/${action}`, body, { version: entity.version });

/** The same by one person after another, until somebody may. */
export async function actBySomebody(
  world: World,
  choice: Choice,
  kind: Exclude<Kind, 'account'>,
  entity: Loose,
  action: string,
  body: object = {},
): Promise<Loose> {
  let reply: Loose;
  for (let turn = 0; turn < world.people.length; turn += 1) {
    reply = await act(world, choice, kind, entity, action, body, oneOf(world.people, choice.who + turn));
    if (reply.status !== 403) break;
  }
  return reply;
}
