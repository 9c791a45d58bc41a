/** Whether a decision would be carried out at this moment: the decision itself is asked, as a dry run, so that the two never differ. */
import { type Actor, type Command, idSource } from '../../shared/command.ts';
import { DomainError, type ErrorKind } from '../../shared/errors.ts';

/** What the state of an object or the person does not allow; anything else is a failure of the request. */
const REFUSALS: readonly ErrorKind[] = ['conflict', 'rule', 'forbidden'];

export async function wouldPass(actor: Actor, decide: (command: Command) => Promise<unknown>): Promise<boolean> {
  const command = { actor, now: new Date(), request_id: 'approvals', dryRun: true, ids: idSource() };
  try {
    await decide(command);
    return true;
  } catch (error) {
    if (error instanceof DomainError && REFUSALS.includes(error.kind)) return false;
    throw error;
  }
}
