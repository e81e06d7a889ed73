/**
 * A letter as an Adaptive Card for a Teams workflow (“When a Teams webhook request is received”). Users' words appear
 * only in text runs: Teams reads Markdown in text blocks and facts, but not in text runs.
 *
 * https://learn.microsoft.com/power-automate/teams/send-a-message-in-teams, https://adaptivecards.io/explorer/TextRun.html
 */
import type { Letter, Tone } from '../messages/letter.ts';
import { clip, outcomes } from '../messages/wording.ts';
import { FAULTS_SHOWN, notShown, unlinked } from './wording.ts';

/** The most bytes of a card. A webhook's message is limited to 28 KB; this leaves room for what Teams adds. */
const MOST_BYTES = 24_000;
const MOST_RUN = 1_000;
const MOST_FACTS = 20;
const MOST_STEPS = 5;

interface TextRun {
  readonly type: 'TextRun';
  readonly text: string;
  readonly size?: 'large' | 'small';
  readonly weight?: 'bolder';
  readonly color?: 'good' | 'warning' | 'attention' | 'default';
  readonly fontType?: 'monospace';
  readonly isSubtle?: true;
}
interface RichTextBlock {
  readonly type: 'RichTextBlock';
  readonly inlines: readonly TextRun[];
  readonly spacing?: 'small' | 'medium';
  readonly separator?: true;
}

export interface TeamsMessage {
  readonly type: 'message';
  readonly attachments: readonly [
    {
      readonly contentType: 'application/vnd.microsoft.card.adaptive';
      readonly contentUrl: null;
      readonly content: {
        readonly $schema: 'http://adaptivecards.io/schemas/adaptive-card.json';
        readonly type: 'AdaptiveCard';
        readonly version: '1.4';
        readonly fallbackText: string;
        readonly msteams: { readonly width: 'Full' };
        readonly body: readonly RichTextBlock[];
        readonly actions?: readonly {
          readonly type: 'Action.OpenUrl';
          readonly title: string;
          readonly url: string;
        }[];
      };
    },
  ];
}

const COLORS: Readonly<Record<Tone, NonNullable<TextRun['color']>>> = {
  good: 'good',
  fair: 'warning',
  bad: 'attention',
  plain: 'default',
};

/** If the card grows too large, it shows fewer faults. */
export function teamsMessage(letter: Letter): TeamsMessage {
  let shown = Math.min(FAULTS_SHOWN, letter.faults?.faults.length ?? 0);
  do {
    const message = withFaults(letter, shown, MOST_RUN);
    if (Buffer.byteLength(JSON.stringify(message)) <= MOST_BYTES) return message;
  } while (--shown > 0);
  return withFaults(letter, 1, 120);
}

function withFaults(letter: Letter, faultsShown: number, mostRun: number): TeamsMessage {
  const { subject, link } = letter;
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    fallbackText: unlinked(clip(subject, 200)),
    msteams: { width: 'Full' },
    body: bodyOf(letter, faultsShown, mostRun),
    ...(link
      ? { actions: [{ type: 'Action.OpenUrl', title: clip(link.label, 60), url: link.url }] as const }
      : {}),
  } as const;
  return {
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }],
  };
}

function bodyOf(letter: Letter, faultsShown: number, mostRun: number): RichTextBlock[] {
  const { title, description, status, lead, progress, facts, faults, next, setId } = letter;
  const run = (text: string, style: Omit<TextRun, 'type' | 'text'> = {}): TextRun => ({
    type: 'TextRun',
    text: unlinked(clip(text, mostRun)),
    ...style,
  });
  const shown = faults?.faults.slice(0, faultsShown) ?? [];
  const more = faults && notShown(faults.faults.length, shown.length);
  const counts = progress && outcomes(progress.segments);
  return [
    block([run(status.label, { weight: 'bolder', color: COLORS[status.tone] })]),
    block([run(title, { size: 'large', weight: 'bolder' })], { spacing: 'small' }),
    ...(description ? [block([run(description, { isSubtle: true })], { spacing: 'small' })] : []),
    block([run(lead)]),
    ...(progress
      ? [block([run(progress.summary, { weight: 'bolder' }), run(` (${counts})`, { isSubtle: true })])]
      : []),
    ...facts
      .slice(0, MOST_FACTS)
      .map(({ label, value }) =>
        block([run(`${label}: `, { weight: 'bolder' }), run(value)], { spacing: 'small' }),
      ),
    ...(faults ? [block([run(faults.heading, { weight: 'bolder' })], { separator: true })] : []),
    ...shown.flatMap(({ where, problem, remedy }) => [
      block([run(where, { fontType: 'monospace', size: 'small', isSubtle: true })]),
      block([run(`${problem} → ${remedy}`)], { spacing: 'small' }),
    ]),
    ...(more ? [block([run(more, { isSubtle: true })])] : []),
    ...next
      .slice(0, MOST_STEPS)
      .flatMap(({ what, command }) => [
        block([run(what)]),
        ...(command ? [block([run(command, { fontType: 'monospace' })], { spacing: 'small' })] : []),
      ]),
    block([run(`Setlist · ${setId}`, { size: 'small', isSubtle: true })], { separator: true }),
  ];
}

const block = (
  inlines: readonly TextRun[],
  style: Omit<RichTextBlock, 'type' | 'inlines'> = {},
): RichTextBlock => ({ type: 'RichTextBlock', inlines, spacing: 'medium', ...style });
