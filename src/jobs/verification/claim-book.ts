/** Which claims the entities say they hold, beside those that stand in `keys`. Pure. */
import type { Item } from '../../shared/dynamo/codec.ts';
import type { PendingWrite } from '../../shared/dynamo/unit-of-work.ts';
import type { Finding, Owner } from './finding.ts';

export interface ClaimBook {
  /** The writes with which the entity would take its claims. */
  expect(owner: Owner, writes: readonly PendingWrite[]): void;
  /** An invoice whose number may be taken for another's. */
  expectSimilar(loose: string, invoiceId: string): void;
  /** An item of `keys`. */
  found(item: Item): void;
  findings(): readonly Finding[];
}

/** Claims of one owner; everything else in `keys` is a mark that does no harm. */
const OWNED = [
  'vendor_tax_id',
  'vendor_reference',
  'user_email',
  'user_identity',
  'po_number',
  'invoice_number',
  'payment_reference',
  'message_id',
];
/** A vendor's mark outlasts what referred to it, and a bank knows a message id whatever we forgot. */
const NEVER_FREED = ['vendor_reference', 'message_id'];
const SIMILAR = 'invoice_number_loose';

const kindOf = (key: string): string => key.slice(0, key.indexOf('#'));

interface Expected {
  readonly owner: Owner;
  readonly write: PendingWrite;
}

export function createClaimBook(): ClaimBook {
  const expected = new Map<string, Expected>();
  const similar = new Map<string, Set<string>>();
  const items = new Map<string, Item>();
  const shared: Finding[] = [];
  return {
    expect(owner, writes) {
      for (const write of writes) {
        const key = String(write.key['id']);
        const other = expected.get(key);
        if (other !== undefined && other.owner.id !== owner.id)
          shared.push({
            kind: 'claim',
            id: owner.id,
            message: `It has the same ${kindOf(key)} as ${other.owner.id}; only people can tell whose it is.`,
          });
        else expected.set(key, { owner, write });
      }
    },
    expectSimilar(loose, invoiceId) {
      const key = `${SIMILAR}#${loose}`;
      const owners = similar.get(key) ?? new Set();
      similar.set(key, owners.add(invoiceId));
    },
    found: (item) => void items.set(String(item['id']), item),
    findings: () => [
      ...shared,
      ...[...expected].flatMap(([key, claim]) => missing(key, claim, items.get(key))),
      ...[...items].flatMap(([key, item]) => (expected.has(key) ? [] : unowned(key, item))),
      ...differing(similar, items),
    ],
  };
}

function missing(key: string, { owner, write }: Expected, item: Item | undefined): readonly Finding[] {
  const holder = item === undefined ? undefined : String(item['owner']);
  if (holder === owner.id) return [];
  const what = kindOf(key);
  const { refuse: _refuse, ...plain } = write;
  const condition =
    holder === undefined
      ? ({ kind: 'absent' } as const)
      : ({ kind: 'equals', attribute: 'owner', value: holder } as const);
  return [
    {
      kind: 'claim',
      id: owner.id,
      message: `Its ${what} is held by ${holder ?? 'nobody'}.`,
      mend: { owner, writes: [{ ...plain, condition }] },
    },
  ];
}

function unowned(key: string, item: Item): readonly Finding[] {
  const what = kindOf(key);
  if (!OWNED.includes(what) || what === 'vendor_reference') return [];
  const owner = String(item['owner']);
  const finding = { kind: 'claim', id: owner, message: `It holds a ${what} that it does not have.` } as const;
  if (NEVER_FREED.includes(what)) return [finding];
  const write: PendingWrite = {
    action: 'delete',
    table: 'keys',
    key: { id: key },
    condition: { kind: 'equals', attribute: 'owner', value: owner },
  };
  return [{ ...finding, mend: { writes: [write] } }];
}

function differing(similar: ReadonlyMap<string, ReadonlySet<string>>, items: ReadonlyMap<string, Item>): Finding[] {
  const keys = new Set([...similar.keys(), ...[...items.keys()].filter((key) => kindOf(key) === SIMILAR)]);
  return [...keys].flatMap((key): Finding[] => {
    const [item, should] = [items.get(key), [...(similar.get(key) ?? [])].sort()];
    const owners = Array.isArray(item?.['owners']) ? item['owners'].map(String).sort() : [];
    if (owners.join() === should.join()) return [];
    const version = Number(item?.['version'] ?? 0);
    const write: PendingWrite = {
      action: 'put',
      table: 'keys',
      key: { id: key },
      item: { id: key, owners: should, version: version + 1 },
      condition: version === 0 ? { kind: 'absent' } : { kind: 'equals', attribute: 'version', value: version },
    };
    const id = should[0] ?? owners[0] ?? key;
    return [
      { kind: 'claim', id, message: 'The list of similar invoice numbers is another.', mend: { writes: [write] } },
    ];
  });
}
