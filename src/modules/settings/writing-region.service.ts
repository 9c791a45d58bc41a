/** Keeps a standby Region from writing: told at the start, asked again every few seconds, and a condition of every payment decision. */
import { type Command, idSource } from '../../shared/command.ts';
import type { Decision, PendingWrite, UnitOfWork } from '../../shared/dynamo/unit-of-work.ts';
import type { SettingsRepository } from './settings.repository.ts';
import { decidesPayment, type Regions, standbyRegion, writesElsewhere, writingFrom } from './writing-region.ts';

export interface WritingRegionService {
  /** Where the environment lets this Region write and no Region does yet, it does from now on. False where this one only reads. */
  begin(now: Date): Promise<boolean>;
  /** @throws DomainError 503 `service.standby-region`; at most 10 seconds after writing was moved elsewhere */
  requireHere(): Promise<void>;
  /** A condition on the Region for what decides on payments. @throws DomainError 503 for any write where another Region is known to write */
  accompany(writes: readonly PendingWrite[]): readonly PendingWrite[];
  /** This Region writes from now on. @returns the Region that did; undefined where none did */
  move(command: Command): Promise<string | undefined>;
  /** What makes restored tables this Region's: a backup brings along the Region in which it was taken. */
  restoredHere(command: Command, from: string): Promise<readonly PendingWrite[]>;
}

/** The first server writes it down before anyone has signed in. */
const SERVER = 'system_server';
const KEPT_MS = 10_000;

export function createWritingRegionService(deps: {
  readonly repository: Pick<SettingsRepository, 'writingRegion'>;
  /** One that asks no Region. */
  readonly unitOfWork: UnitOfWork;
  /** Absent where there are none, as in the embedded store. */
  readonly regions: Regions | undefined;
}): WritingRegionService {
  const { unitOfWork, regions } = deps;
  const { writingRegion } = deps.repository;
  let kept: { readonly held: string | undefined; readonly until: number } | undefined;

  const keep = (held: string | undefined): void => {
    kept = { held, until: Date.now() + KEPT_MS };
  };
  const read = async (): Promise<void> => keep((await writingRegion.get('writing_region'))?.region);

  /** Takes writing for a Region, from whichever has it if `action` says so. */
  const take = (command: Command, here: string, action: 'moved' | undefined): Promise<string | undefined> =>
    unitOfWork.run(command, async (): Promise<Decision<string | undefined>> => {
      const before = await writingRegion.get('writing_region');
      if (before === undefined)
        return {
          result: undefined,
          writes: writingRegion.create(command, writingFrom(here, command.actor.id)).writes,
        };
      const result = before.region;
      if (action === undefined || result === here) return { result, writes: [] };
      return { result, writes: writingRegion.update(command, before, { ...before, region: here }, { action }).writes };
    });

  return {
    async begin(now) {
      if (regions === undefined) return true;
      const { here, writing } = regions;
      const command = {
        actor: { id: SERVER, roles: [], permissions: new Set<never>() },
        now,
        request_id: 'start',
        dryRun: false,
        ids: idSource(),
      };
      if (writing === here) keep((await take(command, here, undefined)) ?? here);
      else await read();
      return writesElsewhere(regions, kept?.held) === undefined;
    },
    async requireHere() {
      if (regions === undefined) return;
      if (kept === undefined || kept.until <= Date.now()) await read();
      const elsewhere = writesElsewhere(regions, kept?.held);
      if (elsewhere !== undefined) throw standbyRegion(regions, elsewhere);
    },
    accompany(writes) {
      if (regions === undefined) return [];
      const elsewhere = writesElsewhere(regions, kept?.held);
      if (elsewhere !== undefined) throw standbyRegion(regions, elsewhere);
      if (!writes.some(decidesPayment)) return [];
      const condition = { kind: 'absent_or_equals', attribute: 'region', value: regions.here } as const;
      return [
        writingRegion.check('writing_region', condition, (existing) => {
          const held = String(existing?.['region']);
          keep(held);
          return standbyRegion(regions, held);
        }),
      ];
    },
    async move(command) {
      if (regions === undefined) return undefined;
      const before = await take(command, regions.here, 'moved');
      kept = undefined;
      return before;
    },
    async restoredHere(command, from) {
      const before = regions && (await writingRegion.get('writing_region'));
      if (before === undefined || before.region === regions?.here) return [];
      kept = undefined;
      const after = { ...before, region: regions?.here ?? before.region };
      return writingRegion.update(command, before, after, { action: 'moved', reason: from }).writes;
    },
  };
}
