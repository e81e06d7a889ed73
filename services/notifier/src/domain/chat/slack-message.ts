/**
 * A letter as a Slack message of Block Kit. Users' words appear only in `plain_text` and `rich_text` elements, in which
 * Slack reads no markup, so a name can neither ping a channel nor format or link anything.
 *
 * Limits: https://docs.slack.dev/reference/block-kit/blocks
 */
import type { Fault, Letter, Step } from '../messages/letter.ts';
import { clip, outcomes } from '../messages/wording.ts';
import { FAULTS_SHOWN, notShown, unlinked } from './wording.ts';

/**
 * The most characters of all blocks together, their containers included. Slack documents no such limit, but refuses some
 * messages with more: https://github.com/slackapi/bolt-js/issues/2867
 */
const MOST_CHARACTERS = 10_000;
const HEADER = 150;
/** Less than Slack allows, so that no single text takes up the room of all the others. */
const MOST_TEXT = 1_000;
const FACTS_IN_SECTION = 5;
const MOST_FACTS = 20;
const MOST_STEPS = 5;

type PlainText = { readonly type: 'plain_text'; readonly text: string; readonly emoji: false };
type Markdown = { readonly type: 'mrkdwn'; readonly text: string };
type RichText = {
  readonly type: 'rich_text';
  readonly elements: readonly {
    readonly type: 'rich_text_section' | 'rich_text_preformatted';
    readonly elements: readonly {
      readonly type: 'text';
      readonly text: string;
      readonly style?: { readonly bold?: boolean; readonly code?: boolean };
    }[];
  }[];
};
type SlackBlock =
  | { readonly type: 'header'; readonly text: PlainText }
  | { readonly type: 'section'; readonly text: PlainText | Markdown }
  | { readonly type: 'section'; readonly fields: readonly (PlainText | Markdown)[] }
  | { readonly type: 'context'; readonly elements: readonly PlainText[] }
  | { readonly type: 'divider' }
  | RichText;

export interface SlackMessage {
  /** The text for notifications and screen readers. */
  readonly text: string;
  readonly blocks: readonly SlackBlock[];
  readonly mrkdwn: false;
  readonly unfurl_links: false;
  readonly unfurl_media: false;
}

/** If the message grows too large, it shows fewer faults. */
export function slackMessage(letter: Letter): SlackMessage {
  let shown = Math.min(FAULTS_SHOWN, letter.faults?.faults.length ?? 0);
  let message = withFaults(letter, shown);
  while (shown > 1 && JSON.stringify(message.blocks).length > MOST_CHARACTERS) {
    message = withFaults(letter, --shown);
  }
  return message;
}

function withFaults(letter: Letter, faultsShown: number): SlackMessage {
  const { subject, title, description, status, lead, progress, facts, faults, next, link, setId } = letter;
  const counts = progress && outcomes(progress.segments);
  const about = [status.label, progress?.summary, counts].filter((part) => part !== undefined).join(' · ');
  return {
    text: escaped(unlinked(clip(subject, HEADER))),
    blocks: [
      { type: 'header', text: plain(title, HEADER) },
      {
        type: 'context',
        elements: [plain(about), ...(description ? [plain(description)] : [])],
      },
      { type: 'section', text: plain(lead) },
      ...factSections(facts.slice(0, MOST_FACTS)),
      ...(faults
        ? [{ type: 'divider' } as const, faultList(faults.heading, faults.faults, faultsShown)]
        : []),
      ...next.slice(0, MOST_STEPS).map(step),
      ...(link ? [linkTo(link.label, link.url)] : []),
      { type: 'context', elements: [plain(`Setlist · ${setId}`)] },
    ],
    mrkdwn: false,
    unfurl_links: false,
    unfurl_media: false,
  };
}

const plain = (text: string, most = MOST_TEXT): PlainText => ({
  type: 'plain_text',
  text: clip(text, most),
  emoji: false,
});

/** https://docs.slack.dev/messaging/formatting-message-text#escaping */
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function factSections(facts: Letter['facts']): SlackBlock[] {
  const sections: SlackBlock[] = [];
  for (let at = 0; at < facts.length; at += FACTS_IN_SECTION) {
    const fields = facts
      .slice(at, at + FACTS_IN_SECTION)
      .flatMap(({ label, value }) => [plain(label), plain(value)]);
    sections.push({ type: 'section', fields });
  }
  return sections;
}

const run = (text: string, style?: { bold?: boolean; code?: boolean }) => ({
  type: 'text' as const,
  text: clip(text, MOST_TEXT),
  ...(style ? { style } : {}),
});

function faultList(heading: string, faults: readonly Fault[], most: number): RichText {
  const shown = faults.slice(0, most);
  const more = notShown(faults.length, shown.length);
  const lines = shown.flatMap(({ where, problem, remedy }) => [
    run('\n'),
    run(clip(where, 300), { code: true }),
    run(`\n${clip(problem, 490)}\n→ ${clip(remedy, 490)}`),
  ]);
  const elements = [run(heading, { bold: true }), ...lines, ...(more ? [run(`\n${more}`)] : [])];
  return { type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] };
}

const step = ({ what, command }: Step): RichText => ({
  type: 'rich_text',
  elements: [
    { type: 'rich_text_section', elements: [run(what)] },
    ...(command ? [{ type: 'rich_text_preformatted' as const, elements: [run(command)] }] : []),
  ],
});

/** The address is the operator's, but `|` and `>` would end it. */
const linkTo = (label: string, url: string): SlackBlock => ({
  type: 'section',
  text: {
    type: 'mrkdwn',
    text: `<${escaped(url).replaceAll('|', '%7C')}|${escaped(label).replaceAll('|', ' ')}>`,
  },
});
