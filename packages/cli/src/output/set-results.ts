/** What became of sets, for people and for scripts. */
import { countOf, dollars, duration, type FailedItem, grouped, type SetSummary } from '@setlist/contracts';
import { costOf, PRICES_PER_MILLION } from '@setlist/polly';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { table } from './text/table.ts';
import type { Palette, Terminal } from './text/terminal.ts';
import type { ToldCommand } from './text/told-command.ts';

/** Failures that are listed; the rest is asked for by name. */
const FAILURES_SHOWN = 20;

export function exitCodeOf({ state, counts }: SetSummary): ExitCode {
  if (state === 'rejected') return EXIT.refused;
  if (state === 'cancelled') return EXIT.cancelled;
  return counts.failed > 0 ? EXIT.someFailed : EXIT.done;
}

/** Milliseconds from its acceptance to its last outcome, by the broker's clock. */
export const tookMs = ({ acceptedAt, endedAt, moved }: SetSummary): number =>
  Date.parse(endedAt ?? moved.at) - Date.parse(acceptedAt);

/** A set that a run went on with beside its own. */
export interface Continued {
  readonly summary: SetSummary;
  /** What has been paid for it meanwhile, in US dollars. */
  readonly addedUsd: string;
}

/** Of a set that an earlier start left, too, all but `addedUsd` is of the whole set. */
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

/** A line of JSON for each set; why one was refused is said to people too. */
export function printResultsJson(
  summaries: readonly SetSummary[],
  terminal: Terminal,
  continued: readonly Continued[] = [],
): void {
  for (const summary of summaries) {
    terminal.print(JSON.stringify(resultOf(summary)));
    for (const line of refusedLines(summary, terminal.paintSaid)) terminal.say(line);
  }
  for (const { summary, addedUsd } of continued) {
    terminal.print(JSON.stringify({ ...resultOf(summary), begunEarlier: true, addedUsd }));
  }
}

/** A table of all, then why items failed and where the whole list is. */
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
        `The local engine is free. By Amazon Polly, if nothing were reused: about ${dollars(whatPollyAsks)}; "setlist plan FILE --provider polly" says what it would be.`,
      ),
    );
  }
  for (const summary of summaries) printTroubles(summary, terminal, command);
}

/** Completed items of all; a refused set has none that could be done. */
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

/** Of sets that the local engine made: list prices, if nothing could be reused. */
function wouldCost(summaries: readonly SetSummary[]) {
  const lanes = summaries.filter(({ provider }) => provider === 'local').flatMap((summary) => summary.lanes);
  if (lanes.length === 0) return undefined;
  return lanes.reduce(
    (sum, { lane, billedCharacters }) => sum + costOf(billedCharacters, PRICES_PER_MILLION[lane]),
    0n,
  );
}

/** Why a set was refused at the door; nothing where it was not. */
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

/** A line for each failed item, with its number, and its remedy on a second one where it differs from the one before. */
export function failureLines(failures: readonly Failure[]): string[] {
  let before = '';
  return failures.flatMap(({ index, file, message, remedy }) => {
    const again = remedy === before;
    before = remedy;
    return [`#${index}  ${file}: ${message}`, ...(again ? [] : [`    ${remedy}`])];
  });
}
