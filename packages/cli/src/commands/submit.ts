/** `setlist submit`: hands set files to a running system, and follows the sets if asked to. */
import { existsSync } from 'node:fs';
import { inboxPlaces, runOptions } from '@setlist/admission';
import type { SetSummary } from '@setlist/contracts';
import { accessFrom, type EventLog } from '@setlist/eventlog';
import { EXIT, type ExitCode, worstOf } from '../exit-codes.ts';
import { missing, refused } from '../failure.ts';
import { followSets } from '../follow/follow-sets.ts';
import { type HandedOver, untilTaken } from '../follow/until-taken.ts';
import { whileRunning } from '../follow/while-running.ts';
import { showProgress } from '../output/progress-view.ts';
import { exitCodeOf, printResults, printResultsJson, tellRefused } from '../output/set-results.ts';
import type { Terminal } from '../output/text/terminal.ts';
import { commandsFor, type ToldCommand } from '../output/text/told-command.ts';
import { type SurveyedSetFile, surveyFiles } from '../set-files/check.ts';
import type { Maker } from '../set-files/limit-together.ts';
import { type PlacedSet, placeSetFiles } from '../set-files/place.ts';
import { listenForStop } from '../stopping.ts';
import type { Surroundings } from '../surroundings.ts';
import { type DataFolder, dataFolder } from '../system/folder/data-folder.ts';
import { lockHolder } from '../system/folder/lock.ts';
import { usedElsewhere } from '../system/folder/lock-holder.ts';
import { isAlive, isElsewhere } from '../system/folder/process-identity.ts';
import { type RunningSystem, systemOf } from '../system/folder/system-note.ts';
import { connect, openUnlessStopped } from '../system/open-log.ts';
import { handedOverBefore, handedOverWords } from './open-at-stop.ts';
import { requireWithinLimit } from './require-within-limit.ts';
import type { RunOptionFlags } from './run-option-flags.ts';
import { storeAt, storeNamed } from './stores.ts';
import { tellRefusals, tellWarnings } from './tell-refusals.ts';

export interface SubmitFlags extends RunOptionFlags {
  readonly data: string;
  readonly inbox?: string;
  readonly server?: string;
  readonly compat?: boolean;
  readonly wait?: boolean;
  readonly json?: boolean;
}

/** Where the files go, and the system that takes them from there. */
interface Target {
  readonly inbox: string;
  readonly broker: string | undefined;
  readonly system: RunningSystem | undefined;
}

export async function submit(
  files: readonly string[],
  flags: SubmitFlags,
  here: Surroundings,
): Promise<ExitCode> {
  const { terminal, cwd } = here;
  const target = await targetOf(flags, dataFolder(flags.data, cwd), cwd);
  const setFiles = await acceptable(files, flags, target, here);
  if (setFiles === undefined) return EXIT.refused;
  const command = commandsFor(flags);
  const sets: PlacedSet[] = [];
  using stop = listenForStop(here, terminal.clear);
  // Before the files are handed over: where there is no broker, nothing is.
  await using log = await logOf(target, here, stop.signal);
  try {
    if (log && target.system)
      await requireSystemWithinLimit(setFiles, flags, { ...target.system, log, signal: stop.signal }, here);
    const placing = placeSetFiles(setFiles, target.inbox, runOptions(flags), stop.signal);
    for await (const set of placing) sets.push(set);
    const job = { sets, target, command, json: flags.json ?? false };
    if (!log || !flags.wait) return await untilFound(log, job, terminal, stop.signal);
    const summaries = await untilEnded(log, job, terminal, stop.signal);
    if (flags.json) printResultsJson(summaries, terminal);
    else printResults(summaries, terminal, command);
    return worstOf(summaries.map(exitCodeOf));
  } catch (error) {
    // Not at the signal itself: a file can have been in hand.
    if (stop.signal.aborted) terminal.say(handedOverWords(setFiles, sets, command));
    else if (sets.length > 0) terminal.say(handedOverBefore(setFiles, sets));
    throw error;
  }
}

/** Of a system elsewhere neither the provider nor the store is known: there, each file has the limit for itself. */
async function requireSystemWithinLimit(
  setFiles: readonly SurveyedSetFile[],
  flags: SubmitFlags,
  {
    provider,
    compat,
    log,
    signal,
  }: Pick<RunningSystem, 'provider' | 'compat'> & Pick<Maker, 'log' | 'signal'>,
  here: Surroundings,
): Promise<void> {
  const store = storeAt(dataFolder(flags.data, here.cwd).store, here);
  await requireWithinLimit(setFiles, flags, { provider, compat, log, store, signal }, here);
}

/** The files if all are right; otherwise tells what is wrong. */
async function acceptable(
  files: readonly string[],
  flags: SubmitFlags,
  { system }: Target,
  { terminal, cwd }: Surroundings,
): Promise<readonly SurveyedSetFile[] | undefined> {
  if (flags.compat && system && !system.compat) {
    throw refused(
      'the running system was started without --compat and would refuse what only --compat accepts',
      `Start it with "${commandsFor(flags)('up --compat')}", or submit without --compat.`,
    );
  }
  const compat = system?.compat ?? flags.compat ?? false;
  const run = runOptions(flags);
  const checked = await surveyFiles(files, { cwd, compat, run, ...(system && { door: system }) });
  tellWarnings(checked, terminal);
  if (checked.refusals.length === 0) return checked.setFiles;
  tellRefusals(checked, terminal, flags.json);
  return undefined;
}

async function targetOf(flags: SubmitFlags, data: DataFolder, cwd: string): Promise<Target> {
  const inbox = flags.inbox === undefined ? undefined : folderNamed(flags.inbox, cwd);
  const system = flags.server === undefined ? await systemOf(data) : undefined;
  if (inbox !== undefined && !existsSync(inbox)) {
    throw missing(`there is no folder ${inbox}`, 'Name the folder that the running system watches.');
  }
  if (system !== undefined) return { inbox: inbox ?? system.inbox, broker: system.broker, system };
  if (inbox !== undefined && (flags.server !== undefined || !flags.wait)) {
    return { inbox, broker: flags.server, system };
  }
  if (flags.server !== undefined) {
    throw refused(
      '--server names the broker of a system, not the folder that it watches',
      'Add --inbox with the folder that its ingest watches.',
    );
  }
  throw noSystem(data, flags);
}

/** The folder that --inbox names, absolute. */
function folderNamed(inbox: string, cwd: string): string {
  const remedy = 'Write a path, or file:///absolute/folder; ./ before a path that has a colon.';
  const [folder] = inboxPlaces([storeNamed('--inbox', inbox, cwd, remedy)]).folders;
  if (folder !== undefined) return folder;
  throw refused(
    `--inbox names a bucket, ${inbox}, but this command places files in folders only`,
    'Upload the file to the bucket, for example with "aws s3 cp", or submit it on the console.',
  );
}

function noSystem(data: DataFolder, flags: SubmitFlags): Error {
  const holder = lockHolder(data.path);
  if (holder && isElsewhere(holder)) {
    return missing(
      usedElsewhere(data.path, holder),
      'Run the command there. To run it here, add --inbox with the folder that the system watches and, for --wait, --server with its broker.',
    );
  }
  const command = commandsFor(flags);
  return missing(
    `no system runs on ${data.path}`,
    `Start one with "${command('up')}", or use "${command('run FILE')}", which needs none. For a system on another machine, add --server and --inbox.`,
  );
}

/** @returns undefined where only the inbox is known */
async function logOf(
  { broker, system }: Target,
  { env }: Surroundings,
  signal: AbortSignal,
): Promise<EventLog | undefined> {
  if (broker === undefined) return undefined;
  return await openUnlessStopped(connect(broker, system ? undefined : accessFrom(env)), signal);
}

interface Job {
  readonly sets: readonly PlacedSet[];
  readonly target: Target;
  readonly command: ToldCommand;
  readonly json: boolean;
}

/** Waits until each set can be found, where there is a log to look in, and prints the ids. */
async function untilFound(
  log: EventLog | undefined,
  { sets, target: { system }, json }: Job,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  const goesOn = (): boolean => system === undefined || isAlive(system.holder);
  const found = log && (await untilTaken(log, handedOver(sets, goesOn), signal));
  for (const set of sets) {
    const summary = found?.get(set.setId);
    if (json && summary?.state === 'rejected') printResultsJson([summary], terminal);
    else {
      terminal.print(json ? submittedJson(set, found && (summary ? 'accepted' : 'waiting')) : set.setId);
      if (summary) tellRefused(summary, terminal);
    }
  }
  if (found) tellUntaken(sets, found, terminal);
  if (system && !system.stays) {
    terminal.say(
      'The running system is "setlist run", which exits when its own sets are done: whatever is left then resumes at the next start.',
    );
  }
  const isRefused = ({ state }: SetSummary): boolean => state === 'rejected';
  return found?.values().some(isRefused) ? EXIT.refused : EXIT.done;
}

const handedOver = (sets: readonly PlacedSet[], goesOn: () => boolean): HandedOver => ({
  setIds: sets.map(({ setId }) => setId),
  items: sets.reduce((sum, { setFile }) => sum + setFile.survey.itemCount, 0),
  goesOn,
});

function tellUntaken(
  sets: readonly PlacedSet[],
  found: ReadonlyMap<string, SetSummary>,
  terminal: Terminal,
): void {
  const untaken = sets.filter(({ setId }) => !found.has(setId));
  if (untaken.length === 0) return;
  const ids = untaken.map(({ setId }) => setId).join(', ');
  terminal.say(
    `Not accepted yet, so that no command knows it: ${ids}. "setlist up" or "setlist run", or ingest's log, says what it waits for; if that says nothing, check that ingest runs and watches this inbox.`,
  );
}

const submittedJson = ({ setId: id, name, setFile }: PlacedSet, state?: 'accepted' | 'waiting'): string =>
  JSON.stringify({ set: name, setId: id, items: setFile.survey.itemCount, ...(state && { state }) });

/** Follows the sets to their ends. */
async function untilEnded(
  log: EventLog,
  { sets, target: { system }, command }: Job,
  terminal: Terminal,
  stop: AbortSignal,
): Promise<SetSummary[]> {
  using view = showProgress(terminal, sets);
  // `whileRunning` notices a system that ends.
  const handed = handedOver(sets, () => true);
  return await whileRunning({ system, command }, stop, (signal) => {
    const telling = untilTaken(log, handed, signal).then((found) => {
      tellUntaken(sets, found, terminal);
      return new Promise<never>(() => undefined);
    });
    return Promise.race([followSets(log, handed.setIds, view.update, signal), telling]);
  });
}
