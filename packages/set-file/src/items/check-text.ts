/** Checks an item's text: that it exists, that Polly accepts its characters, length and tags, and how long it pauses. */
import { grouped } from '@setlist/contracts';
import {
  checkSsml,
  countCharacters,
  LIMITS,
  type Operation,
  operationFor,
  pausesMs,
  SSML_TAGS,
} from '@setlist/polly';
import type { Fields } from '../fields/read-fields.ts';
import type { ScalarNode } from '../source/source-nodes.ts';
import { textOffsets, textPlaces } from '../source/text-places.ts';
import { emptiedBy } from '../source/unspoken.ts';
import type { ItemContext } from './item-context.ts';

/** Pauses are not billed, so no budget limits them, and a text of tags has room for more than a day of audio. */
const MAX_PAUSES_MS = 3_600_000;

/** Characters that XML 1.0, and so Polly's engines, can't represent: control characters and two non-characters. */
const UNSPEAKABLE = /[[\p{Cc}\ufffe\uffff]--[\t\n\r\x7f-\x9f]]/v;

export type CheckedText = {
  readonly text: string;
  readonly billedCharacters: number;
  readonly operation: Operation;
};

/** The source between two offsets of the file, if it is still in memory. */
export type WrittenText = (start: number, end: number) => string | undefined;

export function checkText(
  context: ItemContext,
  fields: Fields,
  writtenAt: WrittenText,
): CheckedText | undefined {
  const node = requireText(context, fields);
  const textType = context.textType?.value;
  if (node === undefined || !speakable(context, node, writtenAt) || textType === undefined) return undefined;
  if (textType === 'text') noticeTags(context, node);
  const { billed, total } = countCharacters(node.value, textType);
  const pauses = textType === 'ssml' ? pausesMs(node.value) : 0;
  const operation = operationFor(billed, total, pauses);
  if (operation === 'too-long') {
    reportLength(context, node, billed, total);
    return undefined;
  }
  if (textType === 'ssml') {
    checkTags(context, node, writtenAt);
    checkPauses(context, node, pauses);
  }
  return { text: node.value, billedCharacters: billed, operation };
}

function requireText({ report, at, path }: ItemContext, { values }: Fields): ScalarNode | undefined {
  const node = values.text;
  if (node === undefined) {
    report({ at, path, code: 'missing-text', message: 'the item has no "text"', remedy: 'add "text: …"' });
    return undefined;
  }
  if (node?.kind !== 'scalar') return undefined;
  if (node.value.trim() !== '') return node;
  const [cause, quoted] = emptiedBy(node.comment);
  const remedy = `write what to say${quoted}, or remove the item`;
  const message = `the text is empty${cause}`;
  report({ at: node.start, path: `${path}.text`, code: 'missing-text', message, remedy });
  return undefined;
}

function speakable(context: ItemContext, node: ScalarNode, writtenAt: WrittenText): boolean {
  const { value } = node;
  const offset = value.isWellFormed() ? value.search(UNSPEAKABLE) : firstLoneSurrogate(value);
  if (offset === -1) return true;
  const code = value.charCodeAt(offset).toString(16).toUpperCase().padStart(4, '0');
  context.report({
    at: textPlaces(node, writtenAt(node.start, node.end))(offset) ?? node.start,
    path: `${context.path}.text`,
    code: 'bad-character',
    message: `the text contains a character that can't be spoken or sent (U+${code})`,
    remedy: 'remove it',
  });
  return false;
}

function firstLoneSurrogate(text: string): number {
  return text.search(/\p{Cs}/u);
}

function reportLength({ report, path }: ItemContext, node: ScalarNode, billed: number, total: number): void {
  const { task } = LIMITS;
  const inTags = billed <= task.billed;
  const message = inTags
    ? `the text has ${grouped(total)} characters with its tags; Polly accepts at most ${grouped(task.total)}`
    : `the text has ${grouped(billed)} characters; Polly accepts at most ${grouped(task.billed)} in one item`;
  const remedy = 'split it into several items';
  report({ at: node.start, path: `${path}.text`, code: 'text-too-long', message, remedy });
}

function checkPauses({ report, path }: ItemContext, node: ScalarNode, ms: number): void {
  if (ms <= MAX_PAUSES_MS) return;
  const minutes = grouped(Math.ceil(ms / 60_000));
  report({
    at: node.start,
    path: `${path}.text`,
    code: 'pauses-too-long',
    message: `the pauses of the text add up to ${minutes} minutes; the limit is ${MAX_PAUSES_MS / 60_000}`,
    remedy: 'shorten the pauses, or split the text into several items',
  });
}

const TAG_NAMES = [...SSML_TAGS.keys()].join('|');

/** Polly's tags if closed, closing or with an attribute; a bare `<s>` or `<break>` may be the name of a key. */
const TAG = new RegExp(
  `</(?<closing>${TAG_NAMES})\\s*>|<(?<opening>${TAG_NAMES})(?:\\s+[\\w:\\-]+\\s*=\\s*["']|\\s*/>)`,
);

/** Tags in a text of type text are read aloud, and billed like other characters. */
function noticeTags({ report, path }: ItemContext, node: ScalarNode): void {
  const isSsml = /^\s*<speak[\s>]/.test(node.value);
  const { opening, closing } = TAG.exec(node.value)?.groups ?? {};
  const tag = opening ?? closing;
  if (!isSsml && tag === undefined) return;
  const looks = isSsml ? 'looks like SSML' : `has SSML tags, such as <${tag}>,`;
  const remedy = isSsml
    ? 'add "text-type: ssml"'
    : 'put the whole text in <speak>…</speak> and add "text-type: ssml", or remove the tags';
  report({
    at: node.start,
    path: `${path}.text`,
    code: 'ssml-as-text',
    message: `the text ${looks} but is of type text: its tags are spoken and billed`,
    remedy,
    harmless: true,
  });
}

/** Polly itself decides about SSML in the end, so compat accepts these problems. */
function checkTags(context: ItemContext, node: ScalarNode, writtenAt: WrittenText): void {
  const { engine, voice } = context;
  if (!engine) return;
  const problems = checkSsml(node.value, { engine: engine.value, ...(voice && { voice: voice.value }) });
  if (problems.length === 0) {
    reportSilence(context, node);
    return;
  }
  const offsetOf = textOffsets(node.value);
  const placeOf = textPlaces(node, writtenAt(node.start, node.end));
  for (const { line, column, kind, message, remedy } of problems) {
    const at = placeOf(offsetOf(line, column));
    const where = at === undefined ? ` (line ${line}, column ${column} of the text)` : '';
    context.report({
      at: at ?? node.start,
      path: `${context.path}.text`,
      code: `ssml-${kind}`,
      message: `${withoutStop(message)}${where}`,
      remedy: withoutStop(remedy),
      lenient: true,
    });
  }
}

/** Matches tags that make no sound or pause on their own, with no text between them. */
const SILENT =
  /^(?:\s|<!--(?:(?!-->).)*-->|<\/?(?:speak|p|s|w|lang|say-as|prosody|emphasis|amazon:(?!breath\b)\w+)\b[^>]*>)*$/s;

function reportSilence({ report, path }: ItemContext, node: ScalarNode): void {
  if (!SILENT.test(node.value)) return;
  report({
    at: node.start,
    path: `${path}.text`,
    code: 'ssml-empty',
    message: 'there is nothing to speak between the tags',
    remedy: 'write what to say, or a pause such as <break time="1s"/>, or remove the item',
    lenient: true,
  });
}

function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, '');
}
