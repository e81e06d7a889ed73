/** Checks the keys of a section or an item: reports unknown, duplicate and empty ones, and misshapen values. */
import { quote } from '@setlist/contracts';
import { isAmount } from '../amount.ts';
import { onceOutside, type Report } from '../problems.ts';
import { HEADER_KEYS, ITEM_KEYS, LIST_KEYS, NEW_KEYS, SECTION_KEYS, SETTING_KEYS } from '../schema.ts';
import type { ListNode, MapNode, ScalarNode, SourceNode } from '../source/source-nodes.ts';
import { emptiedBy } from '../source/unspoken.ts';
import { limitsSpending, newKeyMeant } from './new-keys.ts';
import { suggest } from './suggest.ts';
import { unseenIn } from './unseen.ts';

/** A text, or a list whose elements are texts. Null is a value that was reported and is not checked further. */
export type FieldValue = ScalarNode | TextListNode | null;
type TextListNode = Omit<ListNode, 'items'> & { readonly items: readonly ScalarNode[] };
/** The values of a section or an item by key, and its own position; merged or aliased values are located elsewhere. */
export type Fields = {
  readonly path: string;
  readonly at: number;
  readonly end: number;
  readonly values: Readonly<Record<string, FieldValue>>;
};

/** Where problems are reported, and the keys already reported, since many items can merge the same map. */
export type Telling = { readonly report: Report; readonly told: WeakSet<ScalarNode> };

/** Reads the known keys of a map; `path` is its place in the structure, such as `items[3]`. */
export function readFields(map: MapNode, path: string, known: readonly string[], telling: Telling): Fields {
  const { told } = telling;
  const report = onceOutside({ at: map.start, end: map.end }, telling.report);
  const values: Record<string, FieldValue> = Object.create(null);
  for (const { key, value, isBare } of map.entries) {
    const name = key.value;
    const at = { at: key.start, path: `${path}.${name}` };
    if (!known.includes(name)) {
      if (told.has(key)) continue;
      told.add(key);
      if (isBare) reportBareKey(key, known, { path, values }, report);
      else reportUnknownKey(key, path, known, report);
    } else if (name in values) {
      const message = `${quote(name)} is written twice`;
      report({ ...at, code: 'duplicate-key', message, remedy: 'remove one of them' });
    } else {
      values[name] = readValue(name, value, at.path, report);
    }
  }
  return { path, at: map.start, end: map.end, values };
}

/**
 * Probably the rest of a text with a comma in it, and the reference spoke the text up to the comma; or a key and its
 * value without the blank between them, which compat accepts unless the reference lacked the key.
 */
function reportBareKey(
  key: ScalarNode,
  known: readonly string[],
  { path, values }: Pick<Fields, 'path' | 'values'>,
  report: Report,
): void {
  const pair = pairMeant(key.value, known);
  const quoting = 'put the whole value in quotes, since it contains a comma, or remove what follows it';
  report({
    at: key.start,
    path: `${path}.${key.value}`,
    code: 'unknown-key',
    message: `the value before ${quote(key.value)} ends at the comma, and this is read as a key`,
    remedy: pair === undefined || pair.meant in values ? quoting : `${pair.remedy}; otherwise ${quoting}`,
    ...(!pair?.isNew && { lenient: true }),
  });
}

/** What follows `budget` or `deadline` if it is a limit rather than the rest of a text. */
const LIKE_A_VALUE = /^["']?(?:(?:US)?\$|USD|€)?\s*\d/i;

/** A key and value without a colon and a blank between them: the key is one word, or all before the colon. */
const ONE_WORD = /^([\w-]+)(?:\s*([:=])|\s)\s*(.*)$/s;
const UP_TO_COLON = /^([^:=\d]+)([:=])\s*(.*)$/s;

type Pair = { readonly meant: string; readonly remedy: string; readonly isNew: boolean };

/** The key and value meant by `budget:5`, and outside items, whose texts can have any words, by `max budget:5`. */
function pairMeant(written: string, known: readonly string[]): Pair | undefined {
  const pair = pairOf(ONE_WORD.exec(written), known);
  if (pair?.isNew || known.includes('text')) return pair;
  const limit = pairOf(UP_TO_COLON.exec(written), known);
  return limit?.isNew ? limit : pair;
}

/** What has only a blank between can be the rest of a text: it is a pair only where the key belongs. */
function pairOf(parts: RegExpExecArray | null, known: readonly string[]): Pair | undefined {
  const [, word = '', separator, value = ''] = parts ?? [];
  const newKey = newKeyMeant(word);
  const meant = newKey ?? suggest(word, known);
  if (meant === undefined) return undefined;
  if (separator === undefined && !known.includes(newKey ?? word)) return undefined;
  const needed = separator === ':' ? 'a blank after the colon' : 'a colon and a blank after it';
  const move = known.includes(meant) ? '' : `, and ${homeOf(meant)}`;
  const remedy = `if it is meant as a key, write ${needed}: ${quote(`${meant}: ${acceptable(meant, value)}`)}${move}`;
  const isSure = separator !== undefined && /^[\w-]+$/.test(word);
  const isLimit = limitsSpending(meant) && LIKE_A_VALUE.test(value);
  return { meant, remedy, isNew: newKey !== undefined && (isSure || isLimit) };
}

/** An amount in dollars, with the sign or quotes that a budget is written without. */
const IN_DOLLARS = /^["']?(?:(?:US)?\$|USD)?\s*([\d.]+)\s*(?:\$|USD)?["']?$/i;

/** The value in the form in which its key takes it, where that is clear. */
function acceptable(key: string, value: string): string {
  const [, amount = ''] = IN_DOLLARS.exec(value) ?? [];
  return key === 'budget' && isAmount(amount) ? amount : value;
}

/**
 * Unknown keys had no effect in the reference, so compat accepts them. Not those with invisible characters, which only
 * look like known ones, nor those that may be meant as a key that the reference lacked: without its `budget`, for
 * example, a set is paid for without a limit.
 */
export function reportUnknownKey(
  key: ScalarNode,
  section: string,
  known: readonly string[],
  report: Report,
): void {
  const path = section === '' ? key.value : `${section}.${key.value}`;
  const unseen = unseenIn(key.value);
  if (unseen !== undefined) {
    const message = `the key ${quote(key.value)} begins or ends with an invisible character (${unseen})`;
    const remedy = 'remove it, and indent with plain spaces';
    report({ at: key.start, path, code: 'bad-character', message, remedy });
    return;
  }
  const message = key.value === '' ? 'a key is empty' : `unknown key ${quote(key.value)}`;
  const newKey = newKeyMeant(key.value);
  const here = newKey !== undefined && known.includes(newKey) ? newKey : suggest(key.value, known);
  const home = homeOf(key.value);
  const elsewhere = here === undefined && home === undefined ? (newKey ?? newKeyLike(key.value)) : undefined;
  const removal = `${removalFrom(section)}; known here: ${known.filter((name) => !name.startsWith('$')).join(', ')}`;
  const otherwise =
    elsewhere === undefined
      ? (home ?? removal)
      : `did you mean "${elsewhere}"? Then ${homeOf(elsewhere)}. Otherwise ${removal}`;
  const remedy = here === undefined ? otherwise : `did you mean "${here}"? Otherwise ${otherwise}`;
  const isLenient = newKey === undefined;
  report({ at: key.start, path, code: 'unknown-key', message, remedy, ...(isLenient && { lenient: true }) });
}

/** Users mark sections of their own with `x-`. */
function newKeyLike(key: string): string | undefined {
  return key.startsWith('x-') ? undefined : suggest(key, NEW_KEYS);
}

/** Users add sections of their own for what is written once and used in many places. */
function removalFrom(section: string): string {
  return section === '' ? 'remove it, and move its anchors to where they are first used' : 'remove it';
}

/** The remedy for a key that is in the wrong section. */
function homeOf(key: string): string | undefined {
  if (key !== 'set' && SECTION_KEYS.includes(key)) return `move it to the top level`;
  if (HEADER_KEYS.includes(key)) return 'move it to "set"';
  if (SETTING_KEYS.includes(key)) return 'move it to "defaults" or to an item';
  return ITEM_KEYS.includes(key) ? 'move it to an item' : undefined;
}

function readValue(name: string, value: SourceNode, path: string, report: Report): FieldValue {
  if (value.kind === 'scalar') {
    if (value.value.trim() !== '') return value;
    // An empty text is reported with the item, and an empty description is not a problem.
    if (name === 'text') return value;
    if (name !== 'description') reportEmpty(name, value, path, report);
    return null;
  }
  if (value.kind === 'list' && LIST_KEYS.has(name)) return readTextList(value, path, report);
  const found = value.kind === 'list' ? 'a list' : 'keys and values';
  const expected = LIST_KEYS.has(name) ? 'a list of texts' : 'a text';
  const remedy = `write ${expected}; quote it if it begins with a bracket, a brace or "- ", or contains ": "`;
  report({
    at: value.start,
    path,
    code: 'wrong-type',
    message: `${quote(name)} is ${found}, not ${expected}`,
    remedy,
  });
  return null;
}

function reportEmpty(name: string, { start, comment }: ScalarNode, path: string, report: Report): void {
  const [cause, quoted] = emptiedBy(comment);
  const message = `${quote(name)} has no value${cause}`;
  report({
    at: start,
    path,
    code: 'empty-value',
    message,
    remedy: `give it one${quoted}, or remove the key`,
  });
}

function readTextList(list: ListNode, path: string, report: Report): FieldValue {
  const texts: ScalarNode[] = [];
  list.items.forEach((element, index) => {
    if (element.kind === 'scalar' && element.value.trim() !== '') {
      texts.push(element);
      return;
    }
    const message =
      element.kind === 'scalar' ? 'an element of the list is empty' : 'an element of the list is not text';
    report({
      at: element.start,
      path: `${path}[${index}]`,
      code: 'wrong-type',
      message,
      remedy: 'write a text',
    });
  });
  return texts.length === list.items.length ? { ...list, items: texts } : null;
}
