/** What a stop leaves unfinished, and what becomes of it: a paused set stays paused, the others go on at the next start. */
import { countOf, type Provider, type SetSummary } from '@setlist/contracts';
import type { ToldCommand } from '../output/text/told-command.ts';
import type { SurveyedSetFile } from '../set-files/check.ts';
import type { PlacedSet } from '../set-files/place.ts';

/** @param provider who makes all these sets */
export function leftWords(left: readonly SetSummary[], provider: Provider, command: ToldCommand): string {
  const said: string[] = [];
  const idsWhere = (isPaused: boolean): string[] =>
    left.filter(({ state }) => (state === 'paused') === isPaused).map(({ setId }) => setId);
  const paused = idsWhere(true);
  const others = idsWhere(false);
  if (others.length > 0) {
    const paid = provider === 'polly' ? ', and is paid for' : '';
    said.push(`What is left of ${others.join(', ')} goes on at the next start${paid}.`);
  }
  if (paused.length > 0)
    said.push(
      `${paused.join(', ')} ${paused.length === 1 ? 'stays' : 'stay'} paused; to resume: ${command(`resume ${only(paused)}`)}.`,
    );
  const all = [...others, ...paused];
  said.push(`To end ${all.length === 1 ? 'it' : 'one'} for good: ${command(`cancel ${only(all)}`)}`);
  return said.join(' ');
}

/** How many items of a set have failed so far, with which codes, and where the reasons are. */
export function failedWords({ setId, counts, failures }: SetSummary, command: ToldCommand): string {
  const codes = [...new Set(failures.map(({ code }) => code))].join(', ');
  return `${countOf(counts.failed, 'item')} of ${setId} failed${codes && ` (${codes})`}; for the reasons: ${command(`status ${setId} --failed`)}`;
}

/** What `run` has not begun of its files when it ends early: repeated as a whole, it could be paid for twice. */
export const notBegunWords = (setFiles: readonly SurveyedSetFile[]): string =>
  `Not begun: ${setFiles.map(({ path }) => path).join(', ')}. To go on, name only ${setFiles.length === 1 ? 'this file' : 'these files'}.`;

/** What a running system has got of the files when it gets no more, at a signal. */
export function handedOverWords(
  setFiles: readonly SurveyedSetFile[],
  sets: readonly PlacedSet[],
  command: ToldCommand,
): string {
  if (sets.length === 0) return 'Stopped: nothing was handed over.';
  const next = setFiles[sets.length];
  const stopped = next ? `Stopped: ${next.path} and what follows it were not handed over` : 'Stopped waiting';
  return `${stopped}; the system continues with ${idsOf(sets)}. "${command('status')}" shows the progress.`;
}

/** The same at an error. Repeated as a whole, the command could be paid for twice. */
export function handedOverBefore(setFiles: readonly SurveyedSetFile[], sets: readonly PlacedSet[]): string {
  const next = setFiles[sets.length];
  const rest = next
    ? `${next.path} and what follows it were not: to go on, name only these files.`
    : 'There is no need to submit the files again.';
  return `Already handed over: ${idsOf(sets)}. ${rest}`;
}

const idsOf = (sets: readonly PlacedSet[]): string => sets.map(({ setId }) => setId).join(', ');

/** The id of a single set, otherwise what stands for one. */
const only = (ids: readonly string[]): string => (ids.length === 1 ? (ids[0] ?? 'SET') : 'SET');
