/** The view of a letter for the mail's two layouts. */
import { grouped } from '@setlist/contracts';
import type { Letter, Progress, Segment } from '../domain/messages/letter.ts';
import { outcomes } from '../domain/messages/wording.ts';

const BAR: Readonly<Record<Segment['kind'], string>> = {
  paid: '#1aa260',
  reused: '#3b82f6',
  recovered: '#8b5cf6',
  failed: '#e5484d',
  waiting: '#c3cad5',
};

/** Every name that a layout can use, those inside lists included. */
export const LAYOUT_VARIABLES = [
  ...['subject', 'title', 'description', 'status', 'tone', 'lead', 'setId'],
  ...['progress', 'segments', 'kind', 'label', 'count', 'percent', 'color'],
  ...['facts', 'value', 'factLines'],
  ...['faultsHeading', 'faults', 'where', 'problem', 'remedy'],
  ...['next', 'what', 'command', 'linkLabel', 'linkUrl'],
];

/** Absent values are empty rather than missing, since Mustache would look for missing ones in an outer context. */
export function layoutView(letter: Letter) {
  const {
    subject,
    title,
    description = '',
    status,
    lead,
    progress,
    facts,
    faults,
    next,
    link,
    setId,
  } = letter;
  return {
    ...{ subject, title, description, lead, setId, facts },
    status: status.label,
    tone: status.tone,
    progress: progress?.summary ?? '',
    segments: segmentsView(progress),
    factLines: alignedFacts(letter),
    faultsHeading: faults?.heading ?? '',
    faults: faults?.faults ?? [],
    next: next.map(({ what, command = '' }) => ({ what, command })),
    linkLabel: link?.label ?? '',
    linkUrl: link?.url ?? '',
  };
}

function segmentsView(progress: Progress | undefined) {
  const segments = progress?.segments ?? [];
  const total = segments.reduce((sum, { count }) => sum + count, 0);
  return segments.map(({ kind, label, count }) => ({
    ...{ kind, label, count: grouped(count) },
    percent: String(Math.max(1, Math.round((100 * count) / total))),
    color: BAR[kind],
  }));
}

/** `Cost:   $0.02 …`, aligned, the progress first. */
function alignedFacts({ progress, facts }: Letter): string[] {
  const all = progress ? [{ label: 'Progress', value: progressLine(progress) }, ...facts] : facts;
  const width = Math.max(0, ...all.map(({ label }) => label.length)) + 2;
  return all.map(({ label, value }) => `${`${label}:`.padEnd(width)}${value}`);
}

/** `6 of 6 items completed (4 paid for, 2 reused)` */
const progressLine = ({ summary, segments }: Progress): string => `${summary} (${outcomes(segments)})`;
