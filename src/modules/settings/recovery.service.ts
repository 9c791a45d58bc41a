/** Whether the service only reads since a restore, and what ends it. */
import type { Command } from '../../shared/command.ts';
import { requireVersion } from '../../shared/command.ts';
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import type { PendingWrite, UnitOfWork } from '../../shared/dynamo/unit-of-work.ts';
import type { Recovery, RecoveryReply } from './recovery.schema.ts';
import { nothingRestored, opened, paymentsHeld, readOnly, released, restored } from './recovery.ts';
import type { RecoveryState, SettingsRepository } from './settings.repository.ts';

export interface RecoveryService {
  get(): Promise<RecoveryReply>;
  /** @throws DomainError 503 `service.read-only`; at most 10 seconds after it was opened elsewhere */
  requireCommands(): Promise<void>;
  /** False while no file may be made. */
  paymentsReleased(): Promise<boolean>;
  /** What holds a decision to the release it saw, whatever happened since. @throws DomainError 409 before it. */
  paymentsReleasedCheck(): Promise<PendingWrite>;
  /** The restore of that backup goes on: nothing is written but by it. @throws DomainError 409 where another's does */
  begin(from: string): Promise<void>;
  /** Everything is there: the service reads. */
  finish(command: Command, from: string): Promise<RecoveryReply>;
  open(command: Command, reason: string): Promise<RecoveryReply>;
  release(command: Command, reason: string): Promise<RecoveryReply>;
}

const KEPT_MS = 10_000;

interface Kept extends RecoveryState {
  readonly until: number;
}

export function createRecoveryService(deps: {
  readonly repository: SettingsRepository;
  readonly unitOfWork: UnitOfWork;
  /** Ends restores: one that asks no Region, for restored tables name the one in which their backup was taken. */
  readonly restoring: UnitOfWork;
  readonly restoredHere: (command: Command, from: string) => Promise<readonly PendingWrite[]>;
}): RecoveryService {
  const { repository, unitOfWork } = deps;
  let kept: Kept | undefined;

  /** Tables are marked before a service starts on them, so what is released stays so, and costs no read more. */
  async function state(): Promise<RecoveryState> {
    if (kept !== undefined && kept.until > Date.now()) return kept;
    const found = await repository.recoveryState();
    kept = { ...found, until: isReleased(found) ? Number.POSITIVE_INFINITY : Date.now() + KEPT_MS };
    return found;
  }

  const fresh = async (): Promise<RecoveryState> => {
    if (kept !== undefined && !isReleased(kept)) kept = undefined;
    return state();
  };

  async function decide(
    command: Command,
    event: { readonly action: string; readonly reason: string },
    decision: (recovery: Recovery) => Draft<Recovery>,
  ): Promise<RecoveryReply> {
    const changed = await unitOfWork.run(command, async () => {
      const before = await repository.recovery.get('recovery');
      if (before === undefined) throw nothingRestored();
      requireVersion(command, 'recovery', before.version);
      const { entity, writes } = repository.recovery.update(command, before, decision(before), event);
      return { result: entity, writes };
    });
    kept = undefined;
    return changed;
  }

  return {
    async get() {
      const { recovery, restoring } = await repository.recoveryState();
      if (restoring !== undefined) return { ...NEVER, status: 'read_only', restored_from: restoring };
      return recovery ?? NEVER;
    },
    async requireCommands() {
      const { recovery, restoring } = await state();
      if (restoring !== undefined || recovery?.status === 'read_only') throw readOnly();
    },
    paymentsReleased: async () => isReleased(await fresh()),
    async paymentsReleasedCheck() {
      const found = await fresh();
      if (!isReleased(found)) throw paymentsHeld();
      const { recovery } = found;
      return repository.recovery.check(
        'recovery',
        recovery === undefined ? { kind: 'absent' } : { kind: 'equals', attribute: 'version', value: recovery.version },
        paymentsHeld,
      );
    },
    begin: (from) => repository.beginRestore(from),
    finish: (command, from) =>
      deps.restoring.run(command, async () => {
        const before = await repository.recovery.get('recovery');
        const draft = restored({ from, by: command.actor.id, at: command.now });
        const { entity, writes } =
          before === undefined
            ? repository.recovery.create(command, draft, { action: 'restored', reason: from })
            : repository.recovery.update(command, before, draft, { action: 'restored', reason: from });
        const region = await deps.restoredHere(command, from);
        return { result: entity, writes: [...writes, repository.restoreEnd(from), ...region] };
      }),
    open: (command, reason) =>
      decide(command, { action: 'open', reason }, (recovery) => opened(recovery, command.actor.id)),
    release: (command, reason) =>
      decide(command, { action: 'release', reason }, (recovery) => released(recovery, command.actor.id)),
  };
}

const isReleased = ({ recovery, restoring }: RecoveryState): boolean =>
  restoring === undefined && (recovery === undefined || recovery.status === 'released');

const NEVER: RecoveryReply = {
  id: 'recovery',
  version: 0,
  updated_at: null,
  status: 'released',
  restored_from: null,
  restored_at: null,
  opened_by: null,
  released_by: null,
};
