/** Shows the progress of sets: bars that change in place on a terminal, a line every few seconds elsewhere. */
import { isOpen, type SetSummary } from '@setlist/contracts';
import { ItemRate } from '../follow/item-rate.ts';
import { barLine, doneOf, nameColumns, type Progress, plainLine, setsLine } from './progress-line.ts';
import type { Terminal } from './text/terminal.ts';

export interface ProgressView extends Disposable {
  update(summary: SetSummary): void;
}

interface Row extends Progress {
  readonly setId: string;
  readonly rate: ItemRate;
  summary: SetSummary | undefined;
  perSecond: number | undefined;
  /** The line printed last, without the rate. */
  said: string;
}

const REDRAW_MS = 200;
const PLAIN_EVERY_MS = 5_000;
/** The most bars to show, if the terminal is tall enough; with more sets, only open ones get a bar. */
const MAX_BARS = 10;

/** Shows the sets until disposed; the bars then disappear, since the summary follows. */
export function showProgress(
  terminal: Terminal,
  sets: readonly { readonly setId: string; readonly name: string }[],
): ProgressView {
  const rows = new Map<string, Row>(
    sets.map(({ setId, name }) => [
      setId,
      { setId, name, rate: new ItemRate(), summary: undefined, perSecond: undefined, said: '' },
    ]),
  );
  const all = [...rows.values()];
  const draw = terminal.isLive ? () => drawBars(terminal, all) : () => sayLines(terminal, all);
  const timer = setInterval(draw, terminal.isLive ? REDRAW_MS : PLAIN_EVERY_MS);
  if (terminal.isLive) draw();
  return {
    update(summary) {
      const row = rows.get(summary.setId);
      if (row) row.summary = summary;
    },
    [Symbol.dispose]() {
      clearInterval(timer);
      terminal.clear();
    },
  };
}

function measure(row: Row): void {
  if (row.summary === undefined) return;
  row.rate.note(performance.now(), doneOf(row.summary));
  row.perSecond = row.rate.perSecond();
}

function drawBars(terminal: Terminal, rows: readonly Row[]): void {
  rows.forEach(measure);
  const moving = rows.filter(({ summary }) => !summary || isOpen(summary));
  // One row is for the line below the bars, and one for the cursor.
  const most = Math.min(MAX_BARS, Math.max(1, terminal.rows - 2));
  const shown = rows.length <= most ? rows : moving.slice(0, most);
  const nameWidth = nameColumns(shown.map(({ name }) => name));
  const lines = shown.map((row) => barLine(row, terminal.columns, nameWidth, terminal.paintSaid));
  terminal.show(rows.length <= most ? lines : [...lines, setsLine(rows.length - moving.length, rows.length)]);
}

/** Prints only the lines that have changed since they were last printed. */
function sayLines(terminal: Terminal, rows: readonly Row[]): void {
  for (const row of rows) {
    measure(row);
    const line = plainLine(row);
    const figures = plainLine({ ...row, perSecond: undefined });
    if (figures !== row.said) terminal.say(line);
    row.said = figures;
  }
}
