/** `setlist run`: runs the whole system for the given files, then exits. */

import { type RunOptions, runOptions } from '@setlist/admission';
import { runOfSet, type SetSummary } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import type { Choosable } from '@setlist/notifier';
import type { Environment } from '@setlist/runtime';
import { unlessAborted } from '@setlist/runtime';
import { EXIT, type ExitCode, worstOf } from '../exit-codes.ts';
import { followSets } from '../follow/follow-sets.ts';
import { foldedSummary, openSets } from '../follow/read-sets.ts';
import { untilTold } from '../follow/until-told.ts';
import { showProgress } from '../output/progress-view.ts';
import { exitCodeOf, printResults, printResultsJson } from '../output/set-results.ts';
import type { Terminal } from '../output/text/terminal.ts';
import { commandsFor, type ToldCommand } from '../output/text/told-command.ts';
import { type SurveyedSetFile, surveyFiles } from '../set-files/check.ts';
import { type PlacedSet, placeSetFiles, takeBackUnbegun } from '../set-files/place.ts';
import { listenForStop, type Stop, sayStopping } from '../stopping.ts';
import type { Surroundings } from '../surroundings.ts';
import { type DataFolder, dataFolder } from '../system/folder/data-folder.ts';
import { channelsOf, type SystemOptions } from '../system/service-settings.ts';
import { type System, startSystem } from '../system/start-system.ts';
import {
  continuedSets,
  type Telling,
  tellAdded,
  tellLeftOver,
  tellReplaced,
  tellUnfinished,
} from './earlier-sets.ts';
import { begunFresh, tellBegunFresh } from './fresh-runs.ts';
import { failedWords, leftWords, notBegunWords } from './open-at-stop.ts';
import { requireWithinLimit } from './require-within-limit.ts';
import type { RunOptionFlags } from './run-option-flags.ts';
import { storeAt, storeNamed } from './stores.ts';
import { doorTo, type SystemFlags, systemOptions } from './system-flags.ts';
import { tellRefusals, tellWarnings } from './tell-refusals.ts';

export interface RunFlags extends SystemFlags, RunOptionFlags {
  readonly out: string;
  readonly json?: boolean;
}

export async function run(files: readonly string[], flags: RunFlags, here: Surroundings): Promise<ExitCode> {
  const { terminal, env, cwd } = here;
  const data = dataFolder(flags.data, cwd);
  const output = storeNamed('--out', flags.out, cwd);
  const options = systemOptions(flags, { output, inboxes: [data.inbox] }, env);
  const asked = runOptions(flags);
  const door = doorTo(options, env);
  const checked = await surveyFiles(files, { cwd, compat: flags.compat ?? false, door, run: asked });
  tellWarnings(checked, terminal);
  if (checked.refusals.length > 0) {
    tellRefusals(checked, terminal, flags.json);
    return EXIT.refused;
  }
  using stop = listenForStop(here, () =>
    sayStopping(terminal, 'Stopping: nothing new begins, calls in flight finish.'),
  );
  await using system = await startSystem(options, {
    data,
    env,
    command: 'setlist run',
    signal: stop.signal,
    stays: false,
    tell: terminal.note,
  });
  stop.signal.throwIfAborted();
  if (system.region !== undefined)
    terminal.say(`Amazon Polly speaks, in ${system.region}, which costs money.`);
  if (system.consoleUrl !== undefined)
    terminal.say(`Watch, listen and steer at ${terminal.paintSaid.bold(system.consoleUrl)}`);
  const submission: Submission = { setFiles: checked.setFiles, asked, data, placed: new Map() };
  const job = { flags, options, submission };
  try {
    // The results too are read from the log, whose broker can be gone for good by then.
    return await Promise.race([tellAll(job, system, { here, stop }), system.failed]);
  } catch (error) {
    const isBegun = stop.signal.aborted || submission.placed.size > 0;
    // A system that fails can't be asked any more: the next start says it.
    if (isBegun) await Promise.race([tellLeft(job, system, terminal), system.failed]).catch(() => undefined);
    throw error;
  }
}

interface Job {
  readonly flags: RunFlags;
  readonly options: SystemOptions;
  readonly submission: Submission;
}

/** Makes the sets and reports their results. */
async function tellAll(
  { flags, options, submission }: Job,
  system: System,
  { here, stop }: { here: Surroundings; stop: Stop },
): Promise<ExitCode> {
  const { terminal, env } = here;
  const store = storeAt(submission.data.store, here);
  const maker = { ...options, log: system.log, store, signal: stop.signal };
  const telling = { terminal, command: commandsFor(flags) };
  const begun = await begunFresh(submission.setFiles, system, { maker, flags, output: options.output }, here);
  tellBegunFresh(begun, system.unfinished, telling);
  const others = system.unfinished.filter((summary) => !begun.some(({ setId }) => setId === summary.setId));
  const unfinished = tellUnfinished(others, options.provider, telling);
  // Only now: meanwhile the sets from an earlier start go on, and are paid for.
  await requireWithinLimit(submission.setFiles, flags, maker, here);
  if (options.provider === 'local') {
    const replacing = { setFiles: submission.setFiles, output: options.output };
    await unlessAborted(tellReplaced(system.log, replacing, telling), stop.signal);
  }
  const ended = await throughTheSystem({ ...submission, begun }, system, { telling, stop });
  const summaries = await onceCallsEnded(system, ended, {
    goesOn: unfinished.length > 0,
    signal: stop.signal,
  });
  const continued = await continuedSets(system.log, unfinished);
  if (flags.json) printResultsJson(summaries, terminal, continued);
  else printResults(summaries, terminal, telling.command, continued);
  tellAdded(continued, telling);
  stop.signal.throwIfAborted();
  await unlessAborted(finishTelling(system.log, summaries, channelsOf(env), terminal), stop.signal);
  await tellLeftOver(system.log, telling);
  if (system.consoleUrl !== undefined && !flags.json) terminal.say(lookAgain(telling.command, env));
  return worstOf(summaries.map(exitCodeOf));
}

/**
 * Waits for calls still in flight, of cancelled sets and of sets from an earlier start: they end and are paid for.
 * If the signal aborts, the results are those known so far.
 */
async function onceCallsEnded(
  system: System,
  summaries: readonly SetSummary[],
  { goesOn, signal }: { goesOn: boolean; signal: AbortSignal },
): Promise<readonly SetSummary[]> {
  if (!goesOn && summaries.every(({ state }) => state !== 'cancelled')) return summaries;
  await unlessAborted(system.drain(), signal).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  if (signal.aborted) return summaries;
  return Promise.all(
    summaries.map(async (summary) => (await foldedSummary(system.log, summary.setId)) ?? summary),
  );
}

/** Ends the work, takes back what has not begun, and says what is left. */
async function tellLeft({ flags, submission }: Job, system: System, terminal: Terminal): Promise<void> {
  const { setFiles, data, placed } = submission;
  await Promise.race([system.drain(), system.failed]);
  const takenBack = new Set((await takeBackUnbegun(data.inbox, system.log)).map(({ run }) => run));
  const unbegun = setFiles.filter((setFile) => {
    const run = runOfSet(placed.get(setFile)?.setId ?? '');
    return run === undefined || takenBack.has(run);
  });
  if (unbegun.length > 0) terminal.say(notBegunWords(unbegun));
  const { provider: ours } = flags;
  const left = (await openSets(system.log)).filter(({ provider = ours }) => provider === ours);
  for (const summary of left)
    if (summary.counts.failed > 0) terminal.say(failedWords(summary, commandsFor(flags)));
  if (left.length > 0) terminal.say(leftWords(left, ours, commandsFor(flags)));
}

/** How to reopen the console, which ends with the run. In a clone, npm starts the command. */
function lookAgain(command: ToldCommand, { npm_lifecycle_event: script = '' }: Environment): string {
  const prefix = ['demo', 'setlist'].includes(script) ? 'npm run setlist --' : 'setlist';
  return `To look back and listen in a browser: ${command('up').replace('setlist', prefix)}`;
}

interface Submission {
  readonly setFiles: readonly SurveyedSetFile[];
  readonly asked: RunOptions;
  readonly data: DataFolder;
  /** Grows as they are placed. */
  readonly placed: Map<SurveyedSetFile, PlacedSet>;
}

/** Places each file under its own run id, unless its set has begun, and follows the sets to their ends. */
async function throughTheSystem(
  { setFiles, asked, data, placed, begun }: Submission & { readonly begun: readonly PlacedSet[] },
  system: System,
  { telling: { terminal }, stop }: { telling: Telling; stop: Stop },
): Promise<SetSummary[]> {
  for (const set of begun) placed.set(set.setFile, set);
  const unbegun = setFiles.filter((setFile) => !placed.has(setFile));
  const placing = placeSetFiles(unbegun, data.inbox, { ...asked, byRun: true }, stop.signal);
  for await (const set of placing) placed.set(set.setFile, set);
  const sets = setFiles.flatMap((setFile) => placed.get(setFile) ?? []);
  using view = showProgress(terminal, sets);
  const ids = sets.map((set) => set.setId);
  return await Promise.race([followSets(system.log, ids, view.update, stop.signal), system.failed]);
}

async function finishTelling(
  log: EventLog,
  summaries: readonly SetSummary[],
  channels: readonly Choosable[],
  terminal: Terminal,
): Promise<void> {
  const told = await Promise.all(summaries.map((summary) => untilTold(log, summary, channels)));
  if (told.every(Boolean)) return;
  terminal.say('A message about the result could not be sent yet; it is tried again at the next start.');
}
