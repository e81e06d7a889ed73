/** What Ctrl-C leaves unfinished, and what becomes of it: a paused set stays paused, the others go on at the next start. */
import { ALL_SETS_KEYS, hasEnded, type Provider, type SetSummary } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import type { ToldCommand } from '../output/text/told-command.ts';
import type { PlacedSet } from '../place-sheets.ts';
import type { SurveyedSheet } from '../set-files.ts';

/** The states of the sets that a stop would leave unfinished, by id. */
export type OpenSets = Map<string, SetSummary['state']>;

/** Keeps a set's state, until the set ends. */
export function noteState(open: OpenSets, summary: SetSummary): void {
  const { setId, state } = summary;
  if (hasEnded(summary)) open.delete(setId);
  else if (open.has(setId)) open.set(setId, state);
}

/** Follows sets from an earlier start, since nothing else waits for their ends. */
export async function followOpen(log: EventLog, open: OpenSets, signal: AbortSignal): Promise<void> {
  try {
    for await (const { value } of log.sets.watch<SetSummary>(ALL_SETS_KEYS, signal)) noteState(open, value);
  } catch {
    // The watch ends with the log.
  }
}

/** @param provider who makes all these sets */
export function stoppingWords(open: OpenSets, provider: Provider, command: ToldCommand): string {
  const said = ['Stopping: nothing new begins, calls in flight finish.'];
  const all = [...open.keys()];
  const paused = all.filter((id) => open.get(id) === 'paused');
  const others = all.filter((id) => open.get(id) !== 'paused');
  if (others.length > 0) {
    const paid = provider === 'polly' ? ', and is paid for' : '';
    said.push(`What is left of ${others.join(', ')} goes on at the next start${paid}.`);
  }
  if (paused.length > 0)
    said.push(
      `${paused.join(', ')} ${paused.length === 1 ? 'stays' : 'stay'} paused; to resume: ${command(`resume ${only(paused)}`)}.`,
    );
  if (all.length > 0)
    said.push(`To end ${all.length === 1 ? 'it' : 'one'} for good: ${command(`cancel ${only(all)}`)}`);
  return said.join(' ');
}

/** What `run` has begun of its files when one can't be placed: repeated as a whole, it could be paid for twice. */
export const notBegunWords = (next: SurveyedSheet, stopping: string): string =>
  `${next.path} and what follows it were not begun: to go on, name only these files. ${stopping}`;

/** What a running system has got of the files when it gets no more, at a signal. */
export function handedOverWords(
  sheets: readonly SurveyedSheet[],
  sets: readonly PlacedSet[],
  command: ToldCommand,
): string {
  if (sets.length === 0) return 'Stopped: nothing was handed over.';
  const next = sheets[sets.length];
  const stopped = next ? `Stopped: ${next.path} and what follows it were not handed over` : 'Stopped waiting';
  return `${stopped}; the system continues with ${idsOf(sets)}. "${command('status')}" shows the progress.`;
}

/** The same at an error. Repeated as a whole, the command could be paid for twice. */
export function handedOverBefore(sheets: readonly SurveyedSheet[], sets: readonly PlacedSet[]): string {
  const next = sheets[sets.length];
  const rest = next
    ? `${next.path} and what follows it were not: to go on, name only these files.`
    : 'There is no need to submit the files again.';
  return `Already handed over: ${idsOf(sets)}. ${rest}`;
}

const idsOf = (sets: readonly PlacedSet[]): string => sets.map(({ setId }) => setId).join(', ');

/** The id of a single set, otherwise what stands for one. */
const only = (ids: readonly string[]): string => (ids.length === 1 ? (ids[0] ?? 'SET') : 'SET');
