/** Keeps the audio of a task that was left behind, where the bucket has it. */
import type { LostTask } from '@setlist/sounds';
import { ifThere, type StoreError } from '@setlist/storage';
import type { ClaimLease } from '../ledger/claim-lease.ts';
import type { Room } from '../tasks/task-audio.ts';
import type { Tasks } from '../tasks/tasks.ts';
import type { SettleDeps } from './deps.ts';
import { type Fetched, keepFetched } from './keep-fetched.ts';
import { notCalled } from './may-call.ts';
import type { Paid, Turn } from './turn.ts';

/** Permissions, credentials or an unavailable bucket can be fixed: the audio may be there. */
const canBeFixed = ({ code }: StoreError): boolean => code !== 'not-found' && code !== 'invalid-key';

interface LostJob {
  readonly tasks: Tasks;
  readonly turn: Turn;
  readonly lease: ClaimLease;
  readonly lost: LostTask;
  /** How its audio comes: by this claim's own task, or by that of an earlier one, if left out. */
  readonly how?: Fetched['how'];
}

/**
 * Keeps a lost task's audio from the bucket, even if the provider forgot the task. While the bucket can't be listed, the
 * admission goes to others, so that without audio the claim is freed, unless its own task is what was looked for.
 * @returns undefined without any
 */
export async function keepLost(
  deps: SettleDeps,
  { tasks, turn, lease, lost, how = 'recovered' }: LostJob,
): Promise<Paid | undefined> {
  const { store } = tasks.options;
  const { spentTasks: except } = await deps.ledger.past(turn.item.request.hash);
  let isAdmitted = true;
  const look = () =>
    tasks.findAudio(lost, except).catch((error: unknown) => {
      isAdmitted = false;
      turn.admission[Symbol.dispose]();
      throw error;
    });
  const found = await deps.lineOf(store).whileRecovers(look, { signal: deps.draining, whilst: canBeFixed });
  if (!found) return isAdmitted || lease.isUsed ? undefined : notCalled(deps, lease);
  const { taskId, taskKey: key } = found;
  const { billedCharacters } = turn.item.request;
  const fetch = async (room: Room): Promise<Fetched | undefined> => {
    const audio = await ifThere(tasks.audioAt(key, billedCharacters, room));
    return audio && { key, audio, billedCharacters, taskId, how };
  };
  // Undefined if another dispatcher was quicker meanwhile.
  return await keepFetched(deps, { tasks, turn, lease }, fetch);
}
