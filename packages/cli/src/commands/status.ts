/** `setlist status`: all sets, or one set with its items; from a running system, or as the last one left them. */
import { ITEMS_PER_PAGE, type ItemRow, type SetSummary } from '@setlist/contracts';
import { unlessAborted } from '@setlist/runtime';
import { rowsOf } from '@setlist/sets';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { refused } from '../failure.ts';
import { allSets, failedNotices, findSet, steeringOf } from '../follow/read-sets.ts';
import { noSets, noSuchSet } from '../not-found-errors.ts';
import { noticeJson, noticeLines } from '../output/notices.ts';
import { setJson } from '../output/set-json.ts';
import { failureLines } from '../output/set-results.ts';
import { itemsTable, setHeading, setsTable } from '../output/set-tables.ts';
import { steeringJson, steeringLine } from '../output/steering.ts';
import type { Terminal } from '../output/text/terminal.ts';
import { commandsFor, type Reach } from '../output/text/told-command.ts';
import { listenForStop } from '../stopping.ts';
import type { Surroundings } from '../surroundings.ts';
import { logPlace, type OpenedLog, openLog, requireLive } from '../system/open-log.ts';
import { watchAll, watchOne } from './watch-sets.ts';

export interface StatusFlags extends Reach {
  readonly watch?: boolean;
  readonly failed?: boolean;
  readonly json?: boolean;
}

export async function status(
  wanted: string | undefined,
  flags: StatusFlags,
  here: Surroundings,
): Promise<ExitCode> {
  const { terminal } = here;
  if (flags.failed && wanted === undefined) {
    throw refused('--failed lists the failed items of one set', 'Name the set: setlist status SET --failed.');
  }
  const command = commandsFor(flags);
  using stop = listenForStop(here);
  const place = logPlace(flags, here, 'setlist status', stop.signal);
  const { data } = place;
  await using opened = await openLog(place);
  if (opened === undefined) {
    const making = `"${command('run FILE')}"`;
    if (wanted !== undefined || flags.watch) throw noSets(data.path, `, or make a set with ${making}.`);
    terminal.say(`There are no sets in ${data.path} yet; ${making} makes one.`);
    return EXIT.done;
  }
  if (!opened.live) {
    if (flags.watch) requireLive(opened, command);
    terminal.say(terminal.paintSaid.dim('No system runs here: this is the state that the last one left.'));
  }
  const set = wanted === undefined ? undefined : await wantedSet(opened, wanted, flags);
  const show = { terminal, json: flags.json ?? false, command };
  if (flags.watch) {
    await (set ? watchOne(opened, set, show, stop.signal) : watchAll(opened, show, stop.signal));
  } else {
    const printing = set ? printSet(opened, set, flags, terminal) : printSets(opened, flags, terminal);
    await unlessAborted(printing, stop.signal);
  }
  return EXIT.done;
}

async function wantedSet({ log }: OpenedLog, wanted: string, flags: StatusFlags): Promise<SetSummary> {
  const found = await findSet(log, wanted);
  if (found) return found;
  throw noSuchSet(wanted, flags);
}

async function printSets({ log }: OpenedLog, { json }: StatusFlags, terminal: Terminal): Promise<void> {
  const summaries = await allSets(log);
  if (json) for (const summary of summaries) terminal.print(JSON.stringify(setJson(summary)));
  else if (summaries.length === 0) terminal.say('There are no sets yet.');
  else for (const line of setsTable(summaries, terminal.paint)) terminal.print(line);
}

async function printSet(
  { log, live }: OpenedLog,
  summary: SetSummary,
  flags: StatusFlags,
  terminal: Terminal,
): Promise<void> {
  const { json, failed } = flags;
  const { counts, problems = [] } = summary;
  const notices = await failedNotices(log, summary);
  const steering = await steeringOf(log, summary);
  if (json) {
    const items: ItemRow[] = [];
    for await (const item of rowsOf(log.sets, summary))
      if (!failed || item.state === 'failed') items.push(item);
    const refusal = summary.problems && { problemCount: summary.problemCount, problems };
    const told = { steering: steering.map(steeringJson), failedNotices: notices.map(noticeJson) };
    terminal.print(JSON.stringify({ ...setJson(summary), ...refusal, ...told, items }));
    return;
  }
  for (const line of setHeading(summary, terminal.paint)) terminal.print(line);
  for (const { line, column, message, remedy } of problems) {
    terminal.print(`  ${line}:${column}: ${message} (${remedy})`);
  }
  for (const event of steering) terminal.print(`  ${steeringLine(event)}`);
  for (const line of noticeLines(notices)) terminal.print(`  ${line}`);
  if (counts.total === 0) return;
  terminal.print('');
  if (!failed) return await printItems(log, summary, terminal);
  if ((await printFailures(log, summary, terminal)) > 0 && summary.state === 'completed')
    terminal.say(
      `Once that is fixed: ${live ? retrying(summary, flags) : 'run the set’s file again, which makes only what is missing and reuses the rest.'}`,
    );
}

const retrying = ({ setId }: SetSummary, flags: StatusFlags): string =>
  `"${commandsFor(flags)(`retry ${setId}`)}", or add --item with the numbers of some.`;

/** @returns how many items failed */
async function printFailures(
  log: OpenedLog['log'],
  summary: SetSummary,
  terminal: Terminal,
): Promise<number> {
  const failures: { index: number; file: string; message: string; remedy: string }[] = [];
  for await (const { index, state, file, message = '', remedy = '' } of rowsOf(log.sets, summary)) {
    if (state === 'failed') failures.push({ index, file, message, remedy });
  }
  if (failures.length === 0) terminal.print('No item failed.');
  for (const line of failureLines(failures)) terminal.print(line);
  return failures.length;
}

async function printItems(log: OpenedLog['log'], summary: SetSummary, terminal: Terminal): Promise<void> {
  let page: ItemRow[] = [];
  let first = true;
  const flush = (): void => {
    const lines = itemsTable(page, summary.counts.total, terminal.paint, first);
    for (const line of lines) terminal.print(line);
    page = [];
    first = false;
  };
  for await (const item of rowsOf(log.sets, summary)) {
    page.push(item);
    if (page.length === ITEMS_PER_PAGE) flush();
  }
  if (page.length > 0) flush();
}
