/** `setlist up`: runs the whole system and watches a folder for set files until stopped. */
import { isBucket } from '@setlist/admission';
import { ALL_SETS_KEYS, hasEnded, type SetSummary, subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import type { ExitCode } from '../exit-codes.ts';
import { refused } from '../failure.ts';
import { doneOf, tenthOf } from '../output/progress-line.ts';
import { milestone, newsOf } from '../output/set-news.ts';
import type { Terminal } from '../output/text/terminal.ts';
import { commandsFor, type ToldCommand } from '../output/text/told-command.ts';
import { listenForStop, sayStopping } from '../stopping.ts';
import type { Surroundings } from '../surroundings.ts';
import { dataFolder } from '../system/folder/data-folder.ts';
import { type System, startSystem } from '../system/start-system.ts';
import { tellUnfinished } from './earlier-sets.ts';
import { storeNamed } from './stores.ts';
import { type SystemFlags, systemOptions } from './system-flags.ts';

export interface UpFlags extends SystemFlags {
  readonly inbox: string;
  readonly outbox: string;
}

/** Ends only when it is stopped, or when a part of the system fails. */
export async function up(flags: UpFlags, here: Surroundings): Promise<ExitCode> {
  const { terminal, env, cwd } = here;
  const command = commandsFor(flags);
  const data = dataFolder(flags.data, cwd);
  const inbox = storeNamed('--inbox', flags.inbox, cwd);
  const output = storeNamed('--outbox', flags.outbox, cwd);
  if (env.SQS_QUEUES && !isBucket(inbox)) {
    throw refused(
      'SQS_QUEUES is set, but the inbox is not a bucket: the queues’ messages would have no use',
      'Name the bucket that notifies the queues, such as --inbox s3://my-sets/in, or unset SQS_QUEUES.',
    );
  }
  // The inbox of `setlist run` can hold files of sets that it had begun, and files that were submitted to it.
  const options = systemOptions(flags, { output, inboxes: [inbox, data.inbox] }, env);
  using stop = listenForStop(here, () =>
    sayStopping(
      terminal,
      `\nStopping: nothing new begins, calls in flight finish. What is left resumes at the next start, except paused sets: ${command('resume SET')}; to end a set for good: ${command('cancel SET')}`,
    ),
  );
  await using system = await startSystem(options, {
    data,
    env,
    command: 'setlist up',
    signal: stop.signal,
    stays: true,
    tell: terminal.note,
  });
  stop.signal.throwIfAborted();
  sayWhere(terminal, { inbox, output, system, command });
  tellUnfinished(system.unfinished, flags.provider, { terminal, command });
  const telling = Promise.all([
    tellEvents(system, terminal, command, stop.signal),
    tellProgress(system.log, terminal, stop.signal),
  ]);
  await Promise.race([telling, system.failed]);
  stop.signal.throwIfAborted();
  throw new Error('following the log ended unexpectedly');
}

interface Whereabouts {
  readonly inbox: string;
  readonly output: string;
  readonly system: System;
  readonly command: ToldCommand;
}

function sayWhere(terminal: Terminal, { inbox, output, system, command }: Whereabouts): void {
  const { bold, dim } = terminal.paint;
  const speaker =
    system.region === undefined
      ? 'the local engine, which is free'
      : `Amazon Polly in ${system.region}, which costs money`;
  terminal.print(`Setlist is up, with ${speaker}.`);
  terminal.print(`  drop set files into  ${bold(inbox)}`);
  terminal.print(`  audio comes out in   ${bold(output)}`);
  if (system.consoleUrl !== undefined) terminal.print(`  watch and steer at   ${bold(system.consoleUrl)}`);
  terminal.print(`  log                  ${system.logFile}`);
  terminal.print(dim(`  Ctrl-C stops; "${command('status')}" in another terminal shows the progress.`));
  terminal.print('');
}

/** Prints events, including those from while the services started. */
async function tellEvents(
  { log, begunAfter }: System,
  terminal: Terminal,
  command: ToldCommand,
  signal: AbortSignal,
): Promise<void> {
  const states = { subjects: [subjects.state('*')], from: begunAfter + 1 };
  for await (const { event, time } of log.follow(states, signal)) {
    for (const line of event ? newsOf(event, terminal.paint, command) : [])
      terminal.print(stamped(line, time, terminal));
  }
}

/** Prints a line for about every tenth of a set, except the last, which the line about its end covers. */
async function tellProgress(log: EventLog, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const told = new Map<string, number>();
  for await (const { value, storedAt } of log.sets.watch<SetSummary>(ALL_SETS_KEYS, signal)) {
    const tenth = tenthOf(value);
    if (hasEnded(value) || doneOf(value) === value.counts.total) told.delete(value.setId);
    else if (tenth > (told.get(value.setId) ?? 0)) {
      told.set(value.setId, tenth);
      terminal.print(stamped(milestone(value, terminal.paint), storedAt, terminal));
    }
  }
}

const stamped = (line: string, time: Date, { paint }: Terminal): string =>
  `${paint.dim(time.toTimeString().slice(0, 8))}  ${line}`;
