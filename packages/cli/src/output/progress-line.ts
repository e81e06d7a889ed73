/** One set's progress in one line: a bar on a terminal, words elsewhere. */
import { countOf, dollars, duration, grouped, type SetSummary } from '@setlist/contracts';
import stringWidth from 'string-width';
import { percent, rate } from './text/figures.ts';
import { fitTo, padTo } from './text/fit-columns.ts';
import type { Palette } from './text/terminal.ts';

/** A set's progress. */
export interface Progress {
  readonly name: string;
  /** Missing until the set is accepted. */
  readonly summary: SetSummary | undefined;
  /** Items per second; undefined until it can be measured. */
  readonly perSecond: number | undefined;
}

const LONGEST_NAME = 28;
const LONGEST_BAR = 40;
const SHORTEST_BAR = 10;

export const doneOf = ({ counts }: SetSummary): number => counts.completed + counts.failed;

/** How many tenths of the set are done; 0 for a refused set, which has no items. */
export const tenthOf = (summary: SetSummary): number =>
  summary.counts.total === 0 ? 0 : Math.floor((10 * doneOf(summary)) / summary.counts.total);

/** The columns to give each name so that all of them line up. */
export const nameColumns = (names: readonly string[]): number =>
  Math.min(LONGEST_NAME, Math.max(0, ...names.map((name) => stringWidth(name))));

export function barLine(progress: Progress, columns: number, nameWidth: number, paint: Palette): string {
  const { summary } = progress;
  const name = padTo(fitTo(progress.name, nameWidth), nameWidth);
  if (summary === undefined) return `${name}  ${paint.dim('being read')}`;
  if (summary.state === 'rejected') return `${name}  ${paint.red('refused')}`;
  const done = doneOf(summary);
  const { total, failed } = summary.counts;
  const figures = `${padTo(grouped(done), grouped(total).length, 'right')}/${grouped(total)}`;
  const words = [...progressWords(progress, summary), ...(failed > 0 ? [`${grouped(failed)} failed`] : [])];
  const parts = [figures, percent(done, total), ...words];
  const room = columns - stringWidth([name, '', ...parts].join('  ')) - 1;
  const share = total === 0 ? 1 : done / total;
  const bar = room < SHORTEST_BAR ? [] : [barOf(share, Math.min(LONGEST_BAR, room), paint)];
  return [name, ...bar, ...parts.map((part) => (part.endsWith('failed') ? paint.red(part) : part))].join(
    '  ',
  );
}

/** The progress without a terminal: `moby-dick: 1,234 of 2,233 (55 %), 92/s, 11 s left, $0.12`. */
export function plainLine(progress: Progress): string {
  const { name, summary } = progress;
  if (summary === undefined) return `${name}: being read`;
  if (summary.state === 'rejected') return `${name}: refused`;
  const done = doneOf(summary);
  const { total, failed } = summary.counts;
  const words = [
    `${grouped(done)} of ${grouped(total)} (${percent(done, total)})`,
    ...(failed > 0 ? [`${grouped(failed)} failed`] : []),
    ...progressWords(progress, summary),
  ];
  return `${name}: ${words.join(', ')}`;
}

function progressWords({ perSecond }: Progress, summary: SetSummary): string[] {
  const { counts, state, stalled, costUsd, provider } = summary;
  const left = counts.total - doneOf(summary);
  const words: string[] = [];
  if (state === 'paused') words.push('paused');
  else if (stalled) words.push('stalled');
  else if (left > 0 && perSecond !== undefined && perSecond > 0) {
    words.push(rate(perSecond), `${duration(1_000 * Math.ceil(left / perSecond))} left`);
  }
  if (counts.reused > 0) words.push(`${grouped(counts.reused)} reused`);
  if (counts.recovered > 0) words.push(`${grouped(counts.recovered)} recovered`);
  if (provider === 'polly') words.push(dollars(costUsd));
  return words;
}

function barOf(share: number, width: number, paint: Palette): string {
  const full = Math.floor(share * width);
  return paint.green('━'.repeat(full)) + paint.dim('─'.repeat(width - full));
}

/** How many of several sets have ended. */
export const setsLine = (ended: number, sets: number): string =>
  `${grouped(ended)} of ${countOf(sets, 'set')} done`;
