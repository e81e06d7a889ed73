/** `setlist pause`, `resume`, `cancel`, `retry` and `prioritize`: sends a tracker the command and prints its answer. */
import { hostname, userInfo } from 'node:os';
import {
  type Command,
  type CommandAnswer,
  countOf,
  runOfSet,
  type SetSummary,
  type Verb,
} from '@setlist/contracts';
import { askCommand, type EventLog, NobodyAnswers } from '@setlist/eventlog';
import type { Environment } from '@setlist/runtime';
import { summaryOf } from '@setlist/sets';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { missing, refused } from '../failure.ts';
import { findSetToSteer } from '../follow/read-sets.ts';
import { noSets, noSuchSet } from '../not-found-errors.ts';
import { commandsFor, type Reach, type ToldCommand } from '../output/text/told-command.ts';
import type { Surroundings } from '../surroundings.ts';
import { logPlace, type OpenedLog, openLog } from '../system/open-log.ts';
import { startTrackerAlone, type TrackerAlone } from '../system/tracker-alone.ts';

export interface SteerFlags extends Reach {
  readonly as?: string;
  readonly why?: string;
  readonly json?: boolean;
}

/** A verb with its parameters, apart from the set. */
export type Wish = { [V in Verb]: Omit<Extract<Command, { verb: V }>, 'setId' | 'who' | 'why'> }[Verb];

type Done = Extract<CommandAnswer, { ok: true }>;

/** The verbs after which there is audio to make. */
const GOES_ON: ReadonlySet<Verb> = new Set(['resume', 'retry']);

export async function steer(
  wish: Wish,
  wanted: string,
  flags: SteerFlags,
  here: Surroundings,
): Promise<ExitCode> {
  const { terminal, env } = here;
  const place = logPlace(flags, here, `setlist ${wish.verb}`);
  await using opened = await openLog(place);
  if (opened === undefined) {
    throw noSets(place.data.path, ', or a system on another machine with --server.');
  }
  const { log, live } = opened;
  const setId = await setIdOf(log, wanted, wish.verb);
  await using alone =
    live || setId === undefined ? undefined : await trackerFor(wish, setId, { opened, flags, here });
  const why = flags.why === undefined ? {} : { why: flags.why };
  const who = flags.as ?? userAtHost(env);
  const asking =
    setId === undefined ? unknown(wanted, flags) : ask(log, { ...wish, setId, who, ...why }, flags);
  const given = await (alone ? Promise.race([asking, alone.failed]) : asking);
  const answer = setId === undefined || setId === wanted ? given : naming(setId, given);
  if (flags.json) terminal.print(JSON.stringify(answer));
  if (!answer.ok) throw refused(answer.message, answer.remedy);
  const waits = await waitsFor(opened, answer.setId, flags);
  if (flags.json) {
    if (waits !== undefined && GOES_ON.has(wish.verb)) terminal.say(waits);
    return EXIT.done;
  }
  const { said, next } = tell(wish, answer, { waits, command: commandsFor(flags) });
  terminal.print(said);
  terminal.say(terminal.paintSaid.dim(next));
  return EXIT.done;
}

interface Alone {
  readonly opened: OpenedLog;
  readonly flags: SteerFlags;
  readonly here: Surroundings;
}

/** Where no system runs, starts a tracker for this command alone. A retry needs a whole system. */
async function trackerFor(
  { verb }: Wish,
  setId: string,
  { opened: { log, data }, flags, here: { terminal, env } }: Alone,
): Promise<TrackerAlone> {
  if (verb === 'retry') {
    const start = startOf(await summaryOf(log.sets, setId), flags);
    throw missing(
      `no system runs on ${data.path}`,
      `Run the set’s file again, which makes only what is missing and reuses the rest; or start ${start} and retry then. For a system on another machine, add --server.`,
    );
  }
  return startTrackerAlone({ data, env, log, tell: terminal.note });
}

/** What to start so that the set continues; undefined if the running system continues it. */
async function waitsFor(
  { log, live, system }: OpenedLog,
  setId: string,
  flags: SteerFlags,
): Promise<string | undefined> {
  const summary = await summaryOf(log.sets, setId);
  if (!live) return `No system runs here: ${startOf(summary, flags)} goes on with it.`;
  if (!system || !summary?.provider || summary.provider === system.provider) return undefined;
  return `It waits for --provider ${summary.provider}, but the system here runs with ${system.provider}: stop that one and start ${startOf(summary, flags)}.`;
}

/** The command that starts a system which would continue the set. */
const startOf = (summary: SetSummary | undefined, { data }: SteerFlags): string =>
  `"${commandsFor({ data })(summary?.provider === 'polly' ? 'up --provider polly' : 'up')}"`;

/** A text in the form of an id is used directly: a set just accepted is in the log before "status" lists it. */
async function setIdOf(log: EventLog, wanted: string, verb: Verb): Promise<string | undefined> {
  return runOfSet(wanted) !== undefined ? wanted : (await findSetToSteer(log, wanted, verb))?.setId;
}

/** A refusal of what was asked by name also says which of the runs it is about. */
const naming = (setId: string, answer: CommandAnswer): CommandAnswer =>
  answer.ok ? answer : { ...answer, message: `${setId}: ${answer.message}` };

/** The answer that a tracker gives for an unknown id. */
function unknown(wanted: string, flags: SteerFlags): CommandAnswer {
  const { message, remedy = '' } = noSuchSet(wanted, flags);
  return { ok: false, code: 'unknown-set', message, remedy };
}

async function ask(log: EventLog, command: Command, flags: SteerFlags): Promise<CommandAnswer> {
  try {
    return await askCommand(log, command);
  } catch (error) {
    if (!(error instanceof NobodyAnswers)) throw error;
    const start =
      flags.server === undefined
        ? `Start the whole system with ${startOf(undefined, flags)}`
        : 'Start the tracker';
    throw missing('no tracker answers on this broker', `${start}, then run the command again.`, {
      cause: error,
    });
  }
}

const userAtHost = ({ USER, LOGNAME }: Environment): string =>
  `${USER ?? LOGNAME ?? userName()}@${hostname()}`;

/** The user's name on this system, or the uid of a user without one. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}

interface NextStep {
  /** What a resumed or retried set waits for, if anything. */
  readonly waits: string | undefined;
  readonly command: ToldCommand;
}

/** Says what happened, and what to do next. */
function tell(
  wish: Wish,
  { setId, already, items = 0 }: Done,
  { waits, command }: NextStep,
): { said: string; next: string } {
  const watch = waits ?? `Follow it with "${command(`status ${setId} --watch`)}".`;
  switch (wish.verb) {
    case 'pause':
      return {
        said: already ? `${setId} is already paused.` : `${setId} is paused: nothing further is begun.`,
        next: `Calls in flight finish and are kept. Go on with "${command(`resume ${setId}`)}".`,
      };
    case 'resume':
      return {
        said: already ? `${setId} is already running.` : `${setId} is resumed.`,
        next: watch,
      };
    case 'cancel':
      return {
        said: already ? `${setId} is already cancelled.` : `${setId} is cancelled: nothing further is begun.`,
        next: 'Calls in flight finish and are kept. To make the rest, run its file again: paid sounds are reused.',
      };
    case 'retry':
      return {
        said: already
          ? `${countOf(items, 'failed item')} of ${setId} ${items === 1 ? 'is' : 'are'} already being retried.`
          : `${countOf(items, 'failed item')} of ${setId} ${items === 1 ? 'is' : 'are'} asked for again.`,
        next: watch,
      };
    case 'prioritize':
      return {
        said: `${setId} has ${wish.priority} priority${already ? ' already' : ' from now on'}.`,
        next: 'While sets wait for the same quota, high gets four turns for two of normal and one of low.',
      };
    default:
      return wish satisfies never;
  }
}
