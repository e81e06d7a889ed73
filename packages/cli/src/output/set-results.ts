/** Shows the results of sets, to people and to scripts. */
import { countOf, dollars, duration, type FailedItem, grouped, type SetSummary } from '@setlist/contracts';
import { costOf, PRICES_PER_MILLION } from '@setlist/polly';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { table } from './text/table.ts';
import type { Palette, Terminal } from './text/terminal.ts';
import type { ToldCommand } from './text/told-command.ts';

/** How many failures are listed; `status SET --failed` shows the rest. */
const FAILURES_SHOWN = 20;

export function exitCodeOf({ state, counts }: SetSummary): ExitCode {
  if (state === 'rejected') return EXIT.refused;
  if (state === 'cancelled') return EXIT.cancelled;
  return counts.failed > 0 ? EXIT.someFailed : EXIT.done;
}

/** Milliseconds from the set's acceptance to its last outcome, by the broker's clock. */
export const tookMs = ({ acceptedAt, endedAt, moved }: SetSummary): number =>
  Date.parse(endedAt ?? moved.at) - Date.parse(acceptedAt);

/** A set from an earlier start that a run continued beside its own sets. */
export interface Continued {
  readonly summary: SetSummary;
  /** What this run has paid for it, in US dollars. */
  readonly addedUsd: string;
}

/** The fields cover the whole set, also for one from an earlier start; only `addedUsd` is of this run. */
function resultOf(summary: SetSummary) {
  const { setId, set, state, counts, billedCharacters, costUsd, problems, problemCount } = summary;
  return {
    set: set.name,
    completed: counts.completed,
    failed: counts.failed,
    reused: counts.reused,
    billedCharacters,
    costUsd,
    seconds: tookMs(summary) / 1_000,
    location: set.location,
    setId,
    state,
    ...(problems && { problemCount, problems }),
  };
}

/** Prints a line of JSON for each set; the reasons of a refusal also go to standard error. */
export function printResultsJson(
  summaries: readonly SetSummary[],
  terminal: Terminal,
  continued: readonly Continued[] = [],
): void {
  for (const summary of summaries) {
    terminal.print(JSON.stringify(resultOf(summary)));
    tellRefused(summary, terminal);
  }
  for (const { summary, addedUsd } of continued) {
    terminal.print(JSON.stringify({ ...resultOf(summary), begunEarlier: true, addedUsd }));
  }
}

/** Prints a table of all sets, then why items failed and how to list all of them. */
export function printResults(
  summaries: readonly SetSummary[],
  terminal: Terminal,
  command: ToldCommand,
  continued: readonly Continued[] = [],
): void {
  const { paint } = terminal;
  const columns = [
    { title: 'Set' },
    { title: 'Done', align: 'right' },
    { title: 'Failed', align: 'right' },
    { title: 'Reused', align: 'right' },
    { title: 'Characters', align: 'right' },
    { title: 'Cost', align: 'right' },
    { title: 'Time', align: 'right' },
    { title: 'Files' },
  ] as const;
  const rows = [...summaries.map(resultRow), ...continued.map(({ summary }) => continuedRow(summary))];
  for (const line of table(columns, rows, paint.bold)) terminal.print(line);
  const whatPollyAsks = wouldCost(summaries);
  if (whatPollyAsks !== undefined) {
    terminal.print(
      paint.dim(
        `The local engine is free. With Amazon Polly, if nothing were reused: about ${dollars(whatPollyAsks)}; "${command('plan FILE --provider polly')}" gives the exact estimate.`,
      ),
    );
  }
  for (const summary of summaries) printTroubles(summary, terminal, command);
}

/** The completed items out of all, as `5/7`; empty for a refused set. */
export const doneOfAll = ({ counts, state }: SetSummary): string =>
  state === 'rejected' ? '' : `${grouped(counts.completed)}/${grouped(counts.total)}`;

function resultRow(summary: SetSummary): string[] {
  const { set, counts, billedCharacters, costUsd, state, provider } = summary;
  return [
    set.name,
    doneOfAll(summary),
    grouped(counts.failed),
    grouped(counts.reused),
    grouped(billedCharacters),
    provider === 'local' ? 'free' : dollars(costUsd),
    duration(tookMs(summary)),
    state === 'completed' ? set.location : state,
  ];
}

function continuedRow(summary: SetSummary): string[] {
  const [name, ...cells] = resultRow(summary);
  return [`${name} (begun earlier)`, ...cells];
}

/** What Polly would charge, at list prices and without reuse, for the sets that the local engine made. */
function wouldCost(summaries: readonly SetSummary[]) {
  const lanes = summaries.filter(({ provider }) => provider === 'local').flatMap((summary) => summary.lanes);
  if (lanes.length === 0) return undefined;
  return lanes.reduce(
    (sum, { lane, billedCharacters }) => sum + costOf(billedCharacters, PRICES_PER_MILLION[lane]),
    0n,
  );
}

/** Says on standard error why a set was refused, if it was. */
export function tellRefused(summary: SetSummary, terminal: Terminal): void {
  for (const line of refusedLines(summary, terminal.paintSaid)) terminal.say(line);
}

/** The lines that say why a set was refused; none if it was not. */
function refusedLines({ set, problems = [], problemCount = 0 }: SetSummary, paint: Palette): string[] {
  if (problems.length === 0) return [];
  const left = problemCount - problems.length;
  return [
    paint.red(`${set.name} was refused; nothing was spent:`),
    ...problems.map(({ line, column, message, remedy }) => `  ${line}:${column}: ${message} (${remedy})`),
    ...(left > 0 ? [`  and ${countOf(left, 'problem')} more`] : []),
  ];
}

function printTroubles(summary: SetSummary, terminal: Terminal, command: ToldCommand): void {
  const { paint } = terminal;
  const { setId, set, counts, failures } = summary;
  const refused = refusedLines(summary, paint);
  if (refused.length > 0) terminal.print(`\n${refused.join('\n')}`);
  if (counts.failed === 0) return;
  terminal.print(`\n${paint.red(`${countOf(counts.failed, 'item')} of ${set.name} failed:`)}`);
  for (const line of failureLines(failures.slice(0, FAILURES_SHOWN))) terminal.print(`  ${line}`);
  const left = counts.failed - Math.min(failures.length, FAILURES_SHOWN);
  if (left > 0) terminal.print(`  and ${grouped(left)} more: ${command(`status ${setId} --failed`)}`);
}

type Failure = Pick<FailedItem, 'index' | 'file' | 'message' | 'remedy'>;

/** A line for each failed item with its number, and a line with its remedy if that differs from the one before. */
export function failureLines(failures: readonly Failure[]): string[] {
  let before = '';
  return failures.flatMap(({ index, file, message, remedy }) => {
    const again = remedy === before;
    before = remedy;
    return [`#${index}  ${file}: ${message}`, ...(again ? [] : [`    ${remedy}`])];
  });
}
