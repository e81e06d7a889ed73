/** Shows a plan to people: the totals first, then the items that matter. */
import { PLAN_STATES, type Plan, type PlanState } from '@setlist/admission';
import { countOf, dollars, duration, grouped } from '@setlist/contracts';
import { localTime } from './text/local-time.ts';
import { table } from './text/table.ts';
import type { Palette } from './text/terminal.ts';

export interface PlanView {
  readonly provider: 'local' | 'polly';
  /** Show every item, however many there are. */
  readonly items?: boolean;
}

/** Labels of states whose names say too little. */
const KINDS: Partial<Record<PlanState, string>> = { gone: 'gone from the store' };

/** How many items, and how many files left behind, are shown without `--items`. */
const FEW = 20;

export function planLines(plan: Plan, view: PlanView, paint: Palette): string[] {
  const { set, prefix, problem } = plan;
  return [
    `${paint.bold(set)} → ${prefix}/`,
    ...summary(plan, view).map(([title, text]) => `  ${paint.dim(title.padEnd(10))}  ${text}`),
    ...(problem
      ? [paint.red(`  Would be refused: ${problem.message}.`), `  ${sentence(problem.remedy)}`]
      : []),
    ...itemLines(plan, view, paint),
    ...leftBehindLines(plan, view, paint),
    '',
  ];
}

function summary(plan: Plan, { provider }: PlanView): [title: string, text: string][] {
  const { items, states, billedCharacters, estimatedSeconds, budget, month, lastRun, leftBehind } = plan;
  const counted = PLAN_STATES.filter((state) => states[state] > 0);
  const kinds = counted.map((state) => `${grouped(states[state])} ${KINDS[state] ?? state}`).join(', ');
  const sounds = items.filter(({ toPay }) => toPay > 0).length;
  const lines: [string, string][] = [
    ['Items', `${grouped(items.length)}: ${kinds}`],
    ['To pay', `${countOf(billedCharacters, 'character')} in ${countOf(sounds, 'sound')}`],
    ['Price', priceOf(plan, provider)],
  ];
  if (budget) lines.push(['Budget', `${dollars(budget.usd)} (${budget.by})`]);
  if (month) lines.push(['This month', monthText(month)]);
  const quotas = provider === 'polly' ? ', by Polly’s default quotas' : '';
  const time = estimatedSeconds < 1 ? 'less than a second' : `about ${duration(1_000 * estimatedSeconds)}`;
  lines.push(['Time', `${time}${quotas}`]);
  if (lastRun) lines.push(['Last run', `${localTime(lastRun.acceptedAt)}, ${lastRun.setId}`]);
  if (leftBehind.length > 0) {
    lines.push([
      'Left over',
      `${countOf(leftBehind.length, 'file')} of the last run that this one would not write`,
    ]);
  }
  return lines;
}

function priceOf(
  { estimatedUsd, byPollyUsd = '0.00', listUsd }: Plan,
  provider: PlanView['provider'],
): string {
  const freeOfIt = listUsd === undefined ? '' : `, the rest of ${dollars(listUsd)} is free this month`;
  if (provider === 'polly') return `${dollars(estimatedUsd)}${freeOfIt}`;
  return `free (by Amazon Polly: about ${dollars(byPollyUsd)})`;
}

function monthText({ spentUsd, openUsd, capUsd }: NonNullable<Plan['month']>): string {
  const paid = `${dollars(spentUsd)} paid, up to ${dollars(openUsd)} to come from open sets`;
  return capUsd === undefined ? paid : `${paid}; cap ${dollars(capUsd)}`;
}

/** Shows all items if they are few, otherwise the first ones to be made. */
function itemLines({ items }: Plan, view: PlanView, paint: Palette): string[] {
  const all = view.items || items.length <= FEW;
  const telling = all ? items : items.filter(({ state }) => state !== 'cached').slice(0, FEW);
  if (telling.length === 0) return [];
  const columns = [
    { title: '#', align: 'right' },
    { title: 'State' },
    { title: 'To pay', align: 'right' },
    { title: 'File' },
  ] as const;
  const rows = telling.map(({ index, state, toPay, file }) => [
    String(index),
    state,
    toPay === 0 ? '' : grouped(toPay),
    file,
  ]);
  const left = items.length - telling.length;
  return [
    '',
    ...table(columns, rows, paint.dim),
    ...(left > 0 ? [paint.dim(`and ${countOf(left, 'item')} more: --items shows all`)] : []),
  ];
}

function leftBehindLines({ leftBehind, prefix }: Plan, view: PlanView, paint: Palette): string[] {
  if (leftBehind.length === 0) return [];
  const shown = view.items ? leftBehind : leftBehind.slice(0, FEW);
  const left = leftBehind.length - shown.length;
  return [
    '',
    paint.dim('Files of the last run that this one no longer writes; they stay until you remove them:'),
    ...shown.map(({ file, because, now }) =>
      because === 'renamed'
        ? `  ${prefix}/${file}\n    now ${now}`
        : `  ${prefix}/${file}\n    its line is gone`,
    ),
    ...(left > 0 ? [paint.dim(`and ${countOf(left, 'file')} more: --items shows all`)] : []),
  ];
}

/** A problem's remedy as a sentence. */
export const sentence = (fragment: string): string =>
  `${fragment.charAt(0).toUpperCase()}${fragment.slice(1)}.`;
