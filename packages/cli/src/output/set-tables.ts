/** The tables of sets and items that `status` shows. */
import {
  countOf,
  dollars,
  duration,
  grouped,
  hasEnded,
  type ItemRow,
  newestFirst,
  type SetSummary,
} from '@setlist/contracts';
import { doneOfAll, tookMs } from './set-results.ts';
import { percent } from './text/figures.ts';
import { fitTo } from './text/fit-columns.ts';
import { localTime } from './text/local-time.ts';
import { table } from './text/table.ts';
import type { Palette, Terminal } from './text/terminal.ts';

/** The state to show: a running set that makes no progress is `stalled`. */
export const stateOf = ({ state, stalled }: SetSummary): string =>
  stalled && state === 'running' ? 'stalled' : state;

export function setsTable(summaries: readonly SetSummary[], paint: Palette): string[] {
  const columns = [
    { title: 'Set' },
    { title: 'State' },
    { title: 'Done', align: 'right' },
    { title: '', align: 'right' },
    { title: 'Failed', align: 'right' },
    { title: 'Cost', align: 'right' },
    { title: 'Since' },
  ] as const;
  const rows = summaries.map((summary) => {
    const { setId, counts, state } = summary;
    return [
      setId,
      paintState(stateOf(summary), counts.failed, paint),
      doneOfAll(summary),
      counts.total === 0 || state === 'rejected' ? '' : percent(counts.completed, counts.total),
      grouped(counts.failed),
      costOf(summary),
      localTime(summary.acceptedAt),
    ];
  });
  return table(columns, rows, paint.bold);
}

/** What the columns from `State` to `Cost` usually need; `Since` is cut off first. */
const FIGURES_COLUMNS = 48;

/** As many sets as the terminal has room for: open ones first, each group newest first. */
export function liveSetsTable(
  summaries: readonly SetSummary[],
  { rows, columns, paintSaid: paint }: Pick<Terminal, 'rows' | 'columns' | 'paintSaid'>,
): string[] {
  const sorted = summaries.toSorted((a, b) => Number(hasEnded(a)) - Number(hasEnded(b)) || newestFirst(a, b));
  // One row each is for the heading, the number of the others, and the cursor.
  const shown = sorted.slice(0, Math.max(1, rows - 3));
  const others = sorted.length - shown.length;
  const lines = setsTable(
    shown.map((summary) => ({ ...summary, setId: shortened(summary, columns - FIGURES_COLUMNS) })),
    paint,
  );
  return others > 0 ? [...lines, paint.dim(`and ${grouped(others)} more`)] : lines;
}

/** A long id without the end of the set's name: the run at its end tells it from others. */
function shortened({ setId, run }: SetSummary, columns: number): string {
  const name = setId.slice(0, -run.length);
  return fitTo(name, Math.max(1, columns - run.length)) + run;
}

function paintState(state: string, failed: number, paint: Palette): string {
  if (state === 'completed') return failed > 0 ? paint.yellow(state) : paint.green(state);
  if (state === 'rejected') return paint.red(state);
  return state === 'running' ? paint.cyan(state) : paint.yellow(state);
}

const costOf = ({ provider, costUsd }: SetSummary): string =>
  provider === 'polly' ? dollars(costUsd) : provider === 'local' ? 'free' : '';

/** The lines about one set that come before its items. */
export function setHeading(summary: SetSummary, paint: Palette): string[] {
  const { setId, set, counts, source, acceptedAt, billedCharacters, priority, problemCount = 0 } = summary;
  const figures = [
    `${grouped(counts.completed)} of ${grouped(counts.total)} completed`,
    `${grouped(counts.failed)} failed`,
    `${grouped(counts.paid)} paid`,
    `${grouped(counts.reused)} reused`,
    ...(counts.recovered > 0 ? [`${grouped(counts.recovered)} recovered`] : []),
  ];
  return [
    `${paint.bold(setId)}  ${paintState(stateOf(summary), counts.failed, paint)}`,
    ...(set.description ? [`  ${set.description}`] : []),
    ...(problemCount > 0
      ? [`  refused because of ${countOf(problemCount, 'problem')}; nothing was spent`]
      : []),
    ...(counts.total > 0 ? [`  ${figures.join(', ')}`] : []),
    ...(counts.total > 0 ? [`  ${grouped(billedCharacters)} characters billed, ${costOf(summary)}`] : []),
    `  since ${localTime(acceptedAt)}, ${duration(tookMs(summary))}${priority === 'normal' ? '' : `, ${priority} priority`}`,
    `  from ${source}`,
    ...(set.location ? [`  files in ${set.location}`] : []),
  ];
}

const ITEM_COLUMNS = [
  { title: '#', align: 'right' },
  { title: 'State' },
  { title: 'How' },
  { title: 'Length', align: 'right' },
  { title: 'File' },
] as const;

/** A table of one page of items; `heading` is true only for the first page. */
export function itemsTable(
  items: readonly ItemRow[],
  total: number,
  paint: Palette,
  heading: boolean,
): string[] {
  // All columns have fixed widths, so that the tables of all pages line up.
  const digits = String(Math.max(0, total - 1)).length;
  const rows = items.map(({ index, state, how = '', durationMs, file }) => [
    String(index).padStart(digits),
    (state === 'requested' ? 'waiting' : state).padEnd('completed'.length),
    how.padEnd('recovered'.length),
    (durationMs === undefined ? '' : duration(durationMs)).padStart('10 min 10 s'.length),
    file,
  ]);
  const lines = table(ITEM_COLUMNS, rows, paint.bold);
  return heading ? lines : lines.slice(1);
}
