/** `setlist pause`, `resume`, `cancel`, `retry` and `prioritize`: what a running system's tracker is told, and what it answers. */
import { hostname } from 'node:os';
import {
  type Command,
  type CommandAnswer,
  commandAnswer,
  commandSubject,
  countOf,
  runOfSet,
  type Verb,
} from '@setlist/contracts';
import { type EventLog, NobodyAnswers } from '@setlist/eventlog';
import type { Environment } from '@setlist/runtime';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { missing, refused } from '../failure.ts';
import { findSet } from '../follow/read-sets.ts';
import type { Surroundings } from '../surroundings.ts';
import { dataFolder } from '../system/data-folder.ts';
import { connect } from '../system/open-log.ts';
import { systemOf } from '../system/system-note.ts';

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

/** Naming the failed items of a large set takes the tracker a few seconds. */
const ANSWER_TIMEOUT_MS = 30_000;

export async function steer(
  wish: Wish,
  wanted: string,
  flags: SteerFlags,
  { terminal, cwd, env }: Surroundings,
): Promise<ExitCode> {
  const servers = await brokerOf(flags, cwd);
  await using log = await connect(servers);
  const setId = await setIdOf(log, wanted);
  const why = flags.why === undefined ? {} : { why: flags.why };
  const answer = await ask(log, { ...wish, setId, who: flags.as ?? userAtHost(env), ...why });
  if (flags.json) terminal.print(JSON.stringify(answer));
  if (!answer.ok) throw refused(answer.message, answer.remedy);
  if (flags.json) return EXIT.done;
  const { said, next } = tell(wish, answer);
  terminal.print(said);
  terminal.say(terminal.paintSaid.dim(next));
  return EXIT.done;
}

/** Only a tracker decides: a broker alone, or what a system left, can't be told anything. */
async function brokerOf({ server, data }: SteerFlags, cwd: string): Promise<string> {
  const folder = dataFolder(data, cwd);
  const broker = server ?? (await systemOf(folder))?.broker;
  if (broker !== undefined) return broker;
  throw missing(
    `no system runs on ${folder.path}`,
    'Start it with "setlist up" and give the command again; for a system elsewhere give --server.',
  );
}

/** An id is taken as it is: a set just accepted is in the log before it is among those that "status" lists. */
async function setIdOf(log: EventLog, wanted: string): Promise<string> {
  if (runOfSet(wanted) !== undefined) return wanted;
  const found = await findSet(log, wanted);
  if (found) return found.setId;
  throw refused(
    `there is no set ${JSON.stringify(wanted)} here`,
    '"setlist status" lists those there are, by id.',
  );
}

async function ask(log: EventLog, command: Command): Promise<CommandAnswer> {
  try {
    return commandAnswer.parse(await log.ask(commandSubject(command.verb), command, ANSWER_TIMEOUT_MS));
  } catch (error) {
    if (!(error instanceof NobodyAnswers)) throw error;
    throw missing(
      'no tracker answers on this broker',
      'Start the tracker, or the whole system with "setlist up", and give the command again.',
      { cause: error },
    );
  }
}

const userAtHost = ({ USER, LOGNAME }: Environment): string =>
  `${USER || LOGNAME || `uid-${process.getuid?.() ?? 'unknown'}`}@${hostname()}`;

/** What happened, and what to do next. */
function tell(wish: Wish, { setId, already, items = 0 }: Done): { said: string; next: string } {
  const watch = `Follow it with "setlist status ${setId} --watch".`;
  switch (wish.verb) {
    case 'pause':
      return {
        said: already ? `${setId} is paused already.` : `${setId} is paused: nothing further is begun.`,
        next: `What is in flight ends and is kept. Go on with "setlist resume ${setId}".`,
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
