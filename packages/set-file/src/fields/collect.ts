/** Receives a set file as it is read, and splits its top level into sections and its items into fields. */
import { grouped, MAX_ITEMS, quote } from '@setlist/contracts';
import type { Findings, Report } from '../problems.ts';
import { HEADER_KEYS, ITEM_KEYS, SECTION_KEYS, SETTING_KEYS } from '../schema.ts';
import type { Entry, SourceNode, SourceSink, SyntaxFault } from '../source/source-nodes.ts';
import { type Fields, readFields, reportUnknownKey, type Telling } from './read-fields.ts';
import { unseenIn } from './unseen.ts';

const SECTIONS = { set: HEADER_KEYS, defaults: SETTING_KEYS } as const;

/** After this many syntax faults, a file is probably not a set file, and reading stops. */
const MAX_FAULTS = 1_000;

/** The sections on which items depend. */
export type Sections = { readonly set?: Fields; readonly defaults?: Fields };

export type CollectorOptions = {
  readonly findings: Findings;
  /** Receives an item's fields as soon as they are read; undefined for an entry that is not an item at all. */
  readonly onItem: (index: number, fields: Fields | undefined) => void;
  /** The sections from an earlier reading, needed where they come after the items. */
  readonly known?: Sections | undefined;
};

/** One file's content, with its structure checked but not its values. */
export class Collector implements SourceSink {
  readonly #findings: Findings;
  readonly #report: Report;
  readonly #telling: Telling;
  readonly #onItem: CollectorOptions['onItem'];
  readonly #seen = new Set<string>();
  #sections: Sections;
  #items = 0;
  #late = false;
  full = false;
  #faults = 0;

  constructor({ findings, onItem, known = {} }: CollectorOptions) {
    this.#findings = findings;
    this.#report = findings.report;
    this.#telling = { report: findings.report, told: new WeakSet() };
    this.#onItem = onItem;
    this.#sections = known;
  }

  /** The sections read so far. */
  get sections(): Sections {
    return this.#sections;
  }

  /** Whether a section came after items that were handed over without it. */
  get late(): boolean {
    return this.#late;
  }

  /** Whether reading stopped or the syntax is broken: then what seems to be missing can simply be unread. */
  get partial(): boolean {
    return this.full || this.#faults > 0;
  }

  has(section: string): boolean {
    return this.#seen.has(section);
  }

  fault({ from, spoilsLine, ...fault }: SyntaxFault): void {
    this.#faults += 1;
    this.#findings.fault({ ...fault, path: '' }, { from, spoilsLine });
    if (this.#faults !== MAX_FAULTS) return;
    this.full = true;
    const message = `reading stops here, after ${grouped(MAX_FAULTS)} syntax errors`;
    this.#findings.fault({
      at: fault.at,
      path: '',
      code: 'unreadable',
      message,
      remedy: 'check that this is a set file',
    });
  }

  notice(notice: SyntaxFault): void {
    this.#report({ ...notice, path: '', harmless: true });
  }

  item(node: SourceNode): void {
    if (this.full) return;
    const index = this.#items;
    const path = `items[${index}]`;
    if (index === MAX_ITEMS) {
      this.full = true;
      const message = `the set has more than ${grouped(MAX_ITEMS)} items`;
      this.#report({
        at: node.start,
        path,
        code: 'too-many-items',
        message,
        remedy: 'split it into several sets',
      });
      return;
    }
    this.#items += 1;
    if (node.kind === 'map') {
      this.#onItem(index, readFields(node, path, ITEM_KEYS, this.#telling));
      return;
    }
    this.#onItem(index, undefined);
    const isText = node.kind === 'scalar' && node.value.trim() !== '';
    const message = isText ? 'an item is plain text without a key' : 'an item has no keys and values';
    const remedy = isText ? `write "- text: …"` : 'write "- text: …", or remove it';
    this.#report({ at: node.start, path, code: 'wrong-type', ...withUnseen({ message, remedy }, node) });
  }

  entry({ key, value }: Entry): void {
    const name = key.value;
    if (!SECTION_KEYS.includes(name)) {
      reportUnknownKey(key, '', SECTION_KEYS, this.#report);
      return;
    }
    if (this.#seen.has(name)) {
      const message = `${quote(name)} is written twice`;
      this.#report({ at: key.start, path: name, code: 'duplicate-key', message, remedy: 'join the two' });
      return;
    }
    this.#seen.add(name);
    if (name === 'items') this.#takeItems(key.start, value);
    else if (name === 'set' || name === 'defaults') this.#takeSection(name, key.start, value);
  }

  #takeSection(name: 'set' | 'defaults', at: number, value: SourceNode): void {
    if (value.kind === 'map') {
      if (this.#items > 0 && this.#sections[name] === undefined) this.#late = true;
      const fields = { ...readFields(value, name, SECTIONS[name], this.#telling), at };
      this.#sections = { ...this.#sections, [name]: fields };
      return;
    }
    this.#refuseSection(
      name,
      at,
      value,
      name === 'set' ? 'write "name: …" below it' : 'add settings to it, or remove it',
    );
  }

  #takeItems(at: number, value: SourceNode): void {
    if (value.kind === 'list') {
      for (const node of value.items) this.item(node);
      if (this.#items > 0) return;
    }
    this.#refuseSection('items', at, value, 'write one "- text: …" below it for each phrase');
  }

  #refuseSection(name: string, at: number, value: SourceNode, remedy: string): void {
    const isEmpty =
      value.kind === 'list' ? value.items.length === 0 : value.kind === 'scalar' && value.value.trim() === '';
    const message = isEmpty
      ? `"${name}" is empty`
      : `"${name}" is not ${name === 'items' ? 'a list' : 'keys and values'}`;
    const code = isEmpty ? 'empty-section' : 'wrong-type';
    this.#report({ at, path: name, code, ...withUnseen({ message, remedy }, value) });
  }
}

/** Adds an invisible character to the message, if that is why "key: value" was read as plain text. */
function withUnseen(told: { message: string; remedy: string }, node: SourceNode): typeof told {
  const unseen = node.kind === 'scalar' ? unseenIn(node.value) : undefined;
  if (unseen === undefined) return told;
  const message = `${told.message}, and contains an invisible character (${unseen})`;
  return { message, remedy: 'remove it, and write a plain space after the colon' };
}
