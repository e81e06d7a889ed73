/** `setlist replay`: prints the events of the log as CloudEvents, one a line, no faster than the output is read. */
import { createWriteStream } from 'node:fs';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { eventTypeOf, type Moment, type ReplayOptions, replay } from '@setlist/audit';
import { countOf, EVENTS } from '@setlist/contracts';
import { EXIT, type ExitCode } from '../../exit-codes.ts';
import { refused } from '../../failure.ts';
import { whileRunning } from '../../follow/while-running.ts';
import type { Terminal } from '../../output/text/terminal.ts';
import { commandsFor, type Reach } from '../../output/text/told-command.ts';
import { listenForStop } from '../../stopping.ts';
import type { Surroundings } from '../../surroundings.ts';
import { requireLive } from '../../system/open-log.ts';
import { momentOf, notShown, openedLog, setIdOf } from './places.ts';

export interface ReplayFlags extends Reach {
  readonly set?: string;
  readonly type?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly follow?: boolean;
  readonly out?: string;
}

/** How many characters to print before waiting for the reader. */
const AHEAD = 65_536;
const DAY_MS = 86_400_000;

export async function replayLog(
  wanted: string | undefined,
  flags: ReplayFlags,
  here: Surroundings,
): Promise<ExitCode> {
  const { terminal, cwd } = here;
  if (wanted !== undefined && flags.set !== undefined) {
    throw refused('the set is named twice, as the argument and by --set', 'Leave out one of them.');
  }
  const types = flags.type?.map(typeOf);
  const from = flags.from === undefined ? undefined : momentOf(flags.from, '--from');
  const to = flags.to === undefined ? undefined : endOf(flags.to);
  using stop = listenForStop(here);
  const command = commandsFor(flags);
  await using opened = await openedLog(flags, here, 'setlist replay', stop.signal);
  if (flags.follow) requireLive(opened, command);
  const set = wanted ?? flags.set;
  const setId = set === undefined ? undefined : await setIdOf(opened.log, set, flags);
  let unreadable = 0;
  const onUnreadable = (): void => {
    unreadable++;
  };
  const { follow } = flags;
  const onArchived: ReplayOptions['onArchived'] = (archived) => terminal.say(notShown(archived));
  const options: ReplayOptions = { setId, types, from, to, follow, onUnreadable, onArchived };
  const events = await whileRunning({ ...opened, command }, stop.signal, (signal) => {
    const lines = replay(opened.log, options, signal);
    return flags.out === undefined ? print(lines, terminal) : writeTo(resolve(cwd, flags.out), lines);
  });
  if (flags.out !== undefined)
    terminal.say(`${countOf(events, 'event')} written to ${resolve(cwd, flags.out)}`);
  if (unreadable > 0) {
    const messages = countOf(
      unreadable,
      'message that is not a CloudEvent',
      'messages that are not CloudEvents',
    );
    terminal.say(`Left out: ${messages}. "${command('audit verify')}" says where.`);
  }
  stop.signal.throwIfAborted();
  return EXIT.done;
}

/** The moment of `--to`: a day stands for its last moment. */
function endOf(text: string): Moment {
  const moment = momentOf(text, '--to');
  const isDay = 'time' in moment && /^\d{4}-\d\d-\d\d$/.test(text.trim());
  return isDay ? { time: new Date(moment.time.getTime() + DAY_MS - 1) } : moment;
}

function typeOf(wanted: string): string {
  const type = eventTypeOf(wanted);
  if (type !== undefined) return type;
  throw refused(
    `there is no event ${JSON.stringify(wanted)}`,
    `There are ${Object.keys(EVENTS).join(', ')}.`,
  );
}

async function print(lines: AsyncGenerator<string>, terminal: Terminal): Promise<number> {
  let events = 0;
  let ahead = 0;
  for await (const line of lines) {
    terminal.print(line);
    events++;
    ahead += line.length;
    if (ahead < AHEAD) continue;
    ahead = 0;
    await terminal.flushed();
  }
  return events;
}

async function writeTo(path: string, lines: AsyncGenerator<string>): Promise<number> {
  let events = 0;
  const text = async function* (): AsyncGenerator<string> {
    for await (const line of lines) {
      events++;
      yield `${line}\n`;
    }
  };
  await pipeline(Readable.from(text()), createWriteStream(path));
  return events;
}
