/** `setlist pause`, `resume`, `cancel`, `retry` and `prioritize`: what a tracker is told, and what it answers. */
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
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { missing, refused } from '../failure.ts';
import { findSet, summaryOf } from '../follow/read-sets.ts';
import { noSets, noSuchSet } from '../nothing-here.ts';
import { commandsFor, type ToldCommand } from '../output/text/told-command.ts';
import type { Surroundings } from '../surroundings.ts';
import { type DataFolder, dataFolder } from '../system/folder/data-folder.ts';
import { type OpenedLog, openLog } from '../system/open-log.ts';
import { startTrackerAlone, type TrackerAlone } from '../system/tracker-alone.ts';

export interface SteerFlags {
  readonly data: string;
  readonly server?: string;
  readonly as?: string;
  readonly why?: string;
  readonly json?: boolean;
}

/** A verb with what it takes beside the set. */
export type Wish = { [V in Verb]: Omit<Extract<Command, { verb: V }>, 'setId' | 'who' | 'why'> }[Verb];

type Done = Extract<CommandAnswer, { ok: true }>;

/** After these there is something to be spoken. */
const GOES_ON: ReadonlySet<Verb> = new Set(['resume', 'retry']);

export async function steer(
  wish: Wish,
  wanted: string,
  flags: SteerFlags,
  here: Surroundings,
): Promise<ExitCode> {
  const { terminal, cwd, env } = here;
  const data = dataFolder(flags.data, cwd);
  await using opened = await openLog({
    data,
    server: flags.server,
    command: `setlist ${wish.verb}`,
    tell: terminal.say,
  });
  if (opened === undefined) {
    throw noSets(data.path, '; for a system elsewhere give --server.');
  }
  const { log, live } = opened;
  const setId = await setIdOf(log, wanted);
  await using alone =
    live || setId === undefined ? undefined : await trackerFor(wish, setId, { opened, data, flags, here });
  const why = flags.why === undefined ? {} : { why: flags.why };
  const who = flags.as ?? userAtHost(env);
  const asking =
    setId === undefined ? unknown(wanted, flags) : ask(log, { ...wish, setId, who, ...why }, flags);
  const answer = await (alone ? Promise.race([asking, alone.failed]) : asking);
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
  readonly data: DataFolder;
  readonly flags: SteerFlags;
  readonly here: Surroundings;
}

/** Where no system runs a tracker comes for the command alone; what has to be spoken again waits for a system. */
async function trackerFor(
  { verb }: Wish,
  setId: string,
  { opened: { log, servers }, data, flags, here: { terminal, env } }: Alone,
): Promise<TrackerAlone> {
  if (verb === 'retry') {
    const start = startOf(await summaryOf(log, setId), flags);
    throw missing(
      `no system runs on ${data.path}`,
      `Run the set’s file again, which asks for what is missing and reuses the rest; or start ${start} and give the command again. For a system elsewhere give --server.`,
    );
  }
  return startTrackerAlone({ data, env, servers, tell: terminal.note });
}

/** What has to be started before the set goes on, or nothing where a system does that which is there. */
async function waitsFor(
  { log, live, system }: OpenedLog,
  setId: string,
  flags: SteerFlags,
): Promise<string | undefined> {
  const summary = await summaryOf(log, setId);
  if (!live) return `No system runs here: ${startOf(summary, flags)} goes on with it.`;
  if (!system || !summary?.provider || summary.provider === system.provider) return undefined;
  return `It waits for --provider ${summary.provider}, and the system here runs with ${system.provider}: stop that and start ${startOf(summary, flags)}.`;
}

/** The system that would go on with a set. */
const startOf = (summary: SetSummary | undefined, { data }: SteerFlags): string =>
  `"${commandsFor({ data })(summary?.provider === 'polly' ? 'up --provider polly' : 'up')}"`;

/** An id is taken as it is: a set just accepted is in the log before it is among those that "status" lists. */
async function setIdOf(log: EventLog, wanted: string): Promise<string | undefined> {
  return runOfSet(wanted) !== undefined ? wanted : (await findSet(log, wanted))?.setId;
}

/** As a tracker answers of an id that no set has. */
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
    throw missing('no tracker answers on this broker', `${start}, and give the command again.`, {
      cause: error,
    });
  }
}

const userAtHost = ({ USER, LOGNAME }: Environment): string =>
  `${USER ?? LOGNAME ?? userName()}@${hostname()}`;

/** As the system knows the user, who may have no name there. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}

interface NextStep {
  /** What a set that is to go on waits for, if anything. */
  readonly waits: string | undefined;
  readonly command: ToldCommand;
}

/** What happened, and what to do next. */
function tell(
  wish: Wish,
  { setId, already, items = 0 }: Done,
  { waits, command }: NextStep,
): { said: string; next: string } {
  const watch = waits ?? `Follow it with "${command(`status ${setId} --watch`)}".`;
  switch (wish.verb) {
    case 'pause':
      return {
        said: already ? `${setId} is paused already.` : `${setId} is paused: nothing further is begun.`,
        next: `What is in flight ends and is kept. Go on with "${command(`resume ${setId}`)}".`,
      };
    case 'resume':
      return {
        said: already ? `${setId} has been resumed already.` : `${setId} is resumed: it goes on.`,
        next: watch,
      };
    case 'cancel':
      return {
        said: already ? `${setId} is cancelled already.` : `${setId} is cancelled: nothing further is paid.`,
        next: 'What is in flight ends and is kept. Run its file again for the rest: what was paid is reused.',
      };
    case 'retry':
      return {
        said: already
          ? `${countOf(items, 'failed item')} of ${setId} ${items === 1 ? 'is' : 'are'} being retried already.`
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
