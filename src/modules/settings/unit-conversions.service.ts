/** Commands on the list of unit conversions: load, decide, commit in one unit of work. */
import { type Command, requireVersion } from '../../shared/command.ts';
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import type { UnitOfWork } from '../../shared/dynamo/unit-of-work.ts';
import type { SettingsRepository } from './settings.repository.ts';
import type { SecondAdminAction } from './settings.service.ts';
import type {
  Conversion,
  UnitConversions,
  UnitConversionsReply,
  UpdateUnitConversions,
} from './unit-conversions.schema.ts';
import { approvedConversions, changedConversions, noConversions, rejectedConversions } from './unit-conversions.ts';

export interface UnitConversionService {
  get(): Promise<UnitConversionsReply>;
  update(command: Command, body: UpdateUnitConversions): Promise<UnitConversionsReply>;
  decide(command: Command, action: SecondAdminAction, reason: string | undefined): Promise<UnitConversionsReply>;
  /** What rules, strongly consistent. */
  conversions(): Promise<readonly Conversion[]>;
}

export function createUnitConversionService(deps: {
  readonly repository: Pick<SettingsRepository, 'unitConversions'>;
  readonly unitOfWork: UnitOfWork;
  readonly secondAdmin: boolean;
}): UnitConversionService {
  const store = deps.repository.unitConversions;
  const stored = () => store.get('unit_conversions');

  const decideOn = (
    command: Command,
    event: { readonly action: string; readonly reason?: string | undefined },
    decide: (list: Draft<UnitConversions>) => Draft<UnitConversions>,
  ): Promise<UnitConversionsReply> =>
    deps.unitOfWork.run(command, async () => {
      const before = await stored();
      requireVersion(command, 'settings', before?.version ?? 0);
      const after = decide(before ?? noConversions(command.actor.id));
      const { entity, writes } =
        before === undefined ? store.create(command, after, event) : store.update(command, before, after, event);
      return { result: entity, writes };
    });

  return {
    async get() {
      const nothing = {
        id: 'unit_conversions',
        version: 0,
        updated_at: null,
        conversions: [],
        proposed: null,
      } as const;
      return (await stored()) ?? { ...nothing, conversions: [] };
    },
    update: (command, body) =>
      decideOn(command, { action: deps.secondAdmin ? 'proposed' : 'updated' }, (list) =>
        changedConversions(list, body, {
          actorId: command.actor.id,
          now: command.now,
          secondAdmin: deps.secondAdmin,
        }),
      ),
    decide: (command, action, reason) =>
      decideOn(command, { action, reason }, (list) =>
        action === 'approve' ? approvedConversions(list, command.actor.id) : rejectedConversions(list),
      ),
    conversions: async () => (await stored())?.conversions ?? [],
  };
}
