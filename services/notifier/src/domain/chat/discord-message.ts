/**
 * A letter as a Discord message with one embed. Discord reads Markdown in nearly all of it, so users' words are
 * escaped. Whatever they contain, nobody is pinged, since `allowed_mentions` allows none.
 *
 * Limits: https://docs.discord.com/developers/resources/message#embed-object-embed-limits
 */
import type { FaultList, Letter, Step, Tone } from '../messages/letter.ts';
import { clip, outcomes } from '../messages/wording.ts';
import { FAULTS_SHOWN, notShown, unlinked } from './wording.ts';

const TITLE = 256;
const DESCRIPTION = 2_000;
const FIELD_NAME = 256;
const FIELD_VALUE = 1_024;
const MOST_FIELDS = 25;
/** The most characters of title, description, field names and values, and footer together. */
const ALL = 6_000;

interface Field {
  readonly name: string;
  readonly value: string;
  readonly inline: boolean;
}

export interface DiscordMessage {
  readonly embeds: readonly [
    {
      readonly title: string;
      readonly description: string;
      readonly url?: string;
      readonly color: number;
      readonly fields: readonly Field[];
      readonly footer: { readonly text: string };
    },
  ];
  readonly allowed_mentions: { readonly parse: readonly [] };
}

const COLORS: Readonly<Record<Tone, number>> = {
  good: 0x1aa260,
  fair: 0xe2a32a,
  bad: 0xe5484d,
  plain: 0x5d6778,
};

export function discordMessage(letter: Letter): DiscordMessage {
  const { title, description, status, lead, link, setId } = letter;
  const heading = words(`${title}: ${status.label}`, TITLE);
  const text = [lead, ...(description ? [description] : [])].map((part) => words(part, DESCRIPTION / 2 - 2));
  const footer = clip(`Setlist · ${setId}`, 300);
  const body = text.join('\n\n');
  const room = ALL - heading.length - body.length - footer.length;
  return {
    embeds: [
      {
        title: heading,
        description: body,
        ...(link && isAddress(link.url) ? { url: link.url } : {}),
        color: COLORS[status.tone],
        fields: fitting(fieldsOf(letter), room),
        footer: { text: footer },
      },
    ],
    allowed_mentions: { parse: [] },
  };
}

/** Discord rejects a host without a dot, as on an office network, and would refuse the whole message. */
const isAddress = (url: string): boolean => /^https?:\/\/[^/?#]+\.[^/?#]+/.test(url);

function fieldsOf({ progress, facts, faults, next, link }: Letter): Field[] {
  const counts = progress && outcomes(progress.segments);
  return [
    ...(progress ? [field('Progress', words(`${progress.summary} (${counts})`, FIELD_VALUE))] : []),
    ...facts.map(({ label, value }) => field(words(label, FIELD_NAME), words(value, FIELD_VALUE / 2))),
    ...(faults ? [faultField(faults)] : []),
    ...next.map(stepField),
    ...(link && !isAddress(link.url) ? [stepField({ what: link.label, command: link.url })] : []),
  ];
}

const field = (name: string, value: string): Field => ({ name, value, inline: false });

function faultField({ heading, faults }: FaultList): Field {
  const shown = faults.slice(0, FAULTS_SHOWN);
  const lines = shown.map(
    ({ where, problem, remedy }) => `${words(where, 50)}: ${words(problem, 70)} → ${words(remedy, 50)}`,
  );
  const more = notShown(faults.length, shown.length);
  return field(words(heading, FIELD_NAME), clip([...lines, ...(more ? [more] : [])].join('\n'), FIELD_VALUE));
}

const stepField = ({ what, command }: Step): Field =>
  field(words(what, FIELD_NAME), command === undefined ? '\u200b' : inCode(command));

/** Discord reads no markup in a code block except its end. */
const inCode = (text: string): string => `\`\`\`\n${clip(text.replaceAll('`', '\u02cb'), 400)}\n\`\`\``;

/** Skips a field that is too long for the room left, so that shorter ones after it still fit. */
function fitting(fields: readonly Field[], room: number): Field[] {
  let left = room;
  return fields.slice(0, MOST_FIELDS).filter(({ name, value }) => {
    if (name.length + value.length > left) return false;
    left -= name.length + value.length;
    return true;
  });
}

/** Escapes (https://docs.discord.com/developers/reference#message-formatting) and cuts to at most `most`. */
function words(text: string, most: number): string {
  const escaped = (part: string): string =>
    unlinked(part)
      .replace(/[\\*_~`|[\]<@]/g, '\\$&')
      .replace(/^[#>-]/, '\\$&');
  let length = most;
  let result = escaped(clip(text, length));
  while (result.length > most) {
    length = Math.max(1, length - (result.length - most));
    result = escaped(clip(text, length));
  }
  return result;
}
