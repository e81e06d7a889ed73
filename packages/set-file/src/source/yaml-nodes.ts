/** Makes plain nodes of the library's, with aliases and merge keys resolved, and their expansion bounded. */
import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from 'yaml';
import { swallowedAt, withLineBreaks } from './line-breaks.ts';
import { MAX_FILE_BYTES } from './read-text.ts';
import {
  type Entry,
  type MapNode,
  type ScalarNode,
  type SourceNode,
  type SourceSink,
  Unreadable,
} from './source-nodes.ts';
import { UnspokenWords } from './unspoken.ts';

/** [Merge key](https://yaml.org/type/merge.html): the entries of another map, unless the map has them itself. */
const MERGE_KEY = '<<';
/** Keys that a merge may bring on the average, some more than a set file knows, once there are too many of them. */
const MERGED_KEYS = 20;
const MANY_KEYS = 100_000;

type Anchored = { readonly node: SourceNode; readonly weight: number };

/** PyYAML's names of anchors; YAML 1.2 takes `&c.` for one too, and nobody who writes that means it. */
const ANCHOR = /^[\w-]+$/;

/** Converts the nodes of one file, in the order of the file: an alias means the last anchor of its name before it. */
export class YamlNodes {
  readonly #sink: SourceSink;
  readonly #unspoken: UnspokenWords;
  readonly #anchors = new Map<string, Anchored>();
  /** Source characters that aliases have stood for so far. */
  #expanded = 0;
  /** Merges so far, and the keys that they brought. */
  #merges = 0;
  #merged = 0;

  constructor(sink: SourceSink) {
    this.#sink = sink;
    this.#unspoken = new UnspokenWords(sink);
  }

  /** @throws Unreadable if aliases would make more of the file than the largest file may have ("billion laughs") */
  convert(node: Node | null, emptyAt = 0): SourceNode {
    if (node === null) return { kind: 'scalar', value: '', start: emptyAt, end: emptyAt };
    if (isAlias(node)) return this.#resolve(node);
    this.#refuseUnmeant(node);
    const expandedBefore = this.#expanded;
    const converted = this.#convertOwn(node);
    const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
    if (anchor !== undefined) {
      const weight = converted.end - converted.start + this.#expanded - expandedBefore;
      this.#anchors.set(anchor, { node: converted, weight });
    }
    return converted;
  }

  /** The file is over. */
  end(): void {
    this.#unspoken.end();
  }

  /** A text that begins with `&` or `!`, of which YAML would take the first word away. */
  #refuseUnmeant({ anchor, tag, range }: Exclude<Node, Alias>): void {
    const isOddAnchor = anchor !== undefined && !ANCHOR.test(anchor);
    if (!isOddAnchor && tag !== '!') return;
    const [begins, it] = isOddAnchor ? [`&${anchor}`, 'an anchor'] : ['!', 'a tag'];
    this.#sink.fault({
      at: range?.[0] ?? 0,
      code: 'yaml-syntax',
      message: `"${begins}" before this is taken for ${it}, and would not be spoken`,
      remedy: `put the whole text in quotes if it is meant to begin with "${begins[0]}"`,
    });
  }

  #convertOwn(node: Node): SourceNode {
    const [start, end] = node.range ?? [0, 0];
    if (isMap(node)) return this.#convertMap(node, start, end);
    if (isSeq(node)) {
      const items = node.items.map((item) => this.convert(asNode(item), start));
      return { kind: 'list', items, start, end };
    }
    if (isScalar(node)) this.#refuseSwallowed(node, end);
    return { kind: 'scalar', value: isScalar(node) ? textOf(node) : '', start, end };
  }

  /** A block text behind a line break of PyYAML's, which would take what follows for something else. */
  #refuseSwallowed({ srcToken }: Scalar.Parsed | Scalar, end: number): void {
    if (srcToken?.type !== 'block-scalar') return;
    const at = swallowedAt(srcToken);
    if (at === undefined) return;
    const code = srcToken.source.charCodeAt(at).toString(16).toUpperCase().padStart(4, '0');
    this.#sink.fault({
      at: end - srcToken.source.length + at,
      code: 'yaml-syntax',
      message: `behind the line separator U+${code} stands what looks like the next item or key, and would be spoken`,
      remedy: 'remove the character, and begin a new line in its place',
    });
  }

  #convertMap(map: YAMLMap, start: number, end: number): MapNode {
    const entries: Entry[] = [];
    const merges: Entry[] = [];
    for (const pair of map.items) {
      const key = this.#convertKey(asNode(pair.key), start);
      if (key === undefined) continue;
      this.#unspoken.value(key.value, asNode(pair.value));
      const value = this.convert(asNode(pair.value), key.end);
      const isBare = map.flow === true && pair.value === null && key.value !== '';
      const entry: Entry = { key, value, ...(isBare && { isBare }) };
      (key.value === MERGE_KEY ? merges : entries).push(entry);
    }
    const [, second] = merges;
    if (second) {
      const remedy = 'write both maps in one list: "<<: [*first, *second]"';
      this.#sink.fault({
        at: second.key.start,
        code: 'duplicate-key',
        message: '"<<" is written twice',
        remedy,
      });
    }
    const own = new Set(entries.map(({ key }) => key.value));
    for (const merge of merges) entries.push(...this.#mergedEntries(merge, own));
    return { kind: 'map', entries, start, end };
  }

  #convertKey(node: Node | null, start: number): ScalarNode | undefined {
    const key = this.convert(node, start);
    if (key.kind === 'scalar') return key;
    this.#sink.fault({
      at: key.start,
      code: 'key-not-text',
      message: 'a key is not a text',
      remedy: 'write "key: value"',
    });
    return undefined;
  }

  /**
   * Of several maps the first to have a key wins; what the map has itself stays. A key that one map has twice stays so, to
   * be told of.
   * @throws Unreadable where merges bring far more keys than a set file could have a use for
   */
  #mergedEntries({ key, value }: Entry, present: Set<string>): Entry[] {
    const merged: Entry[] = [];
    for (const source of value.kind === 'list' ? value.items : [value]) {
      if (source.kind !== 'map') {
        const remedy = 'write "<<: *name" with the anchor of a map';
        this.#sink.fault({
          at: key.start,
          code: 'bad-merge',
          message: '"<<" is given something other than a map',
          remedy,
        });
        continue;
      }
      this.#merges += 1;
      this.#merged += source.entries.length;
      if (this.#merged > MANY_KEYS + MERGED_KEYS * this.#merges) throw tooManyAliases(key.start);
      for (const entry of source.entries) {
        if (!present.has(entry.key.value)) merged.push(entry);
      }
      for (const entry of source.entries) present.add(entry.key.value);
    }
    return merged;
  }

  #resolve(alias: Alias): SourceNode {
    const [start, end] = alias.range ?? [0, 0];
    this.#unspoken.used(alias);
    const anchored = this.#anchors.get(alias.source);
    if (anchored === undefined) {
      const message = `there is no anchor "&${alias.source}" before this alias`;
      const remedy = `define it first, or put the text in quotes if it is meant to begin with "*"`;
      this.#sink.fault({ at: start, code: 'unknown-alias', message, remedy });
      return { kind: 'scalar', value: `*${alias.source}`, start, end };
    }
    this.#expanded += anchored.weight;
    if (this.#expanded > MAX_FILE_BYTES) throw tooManyAliases(start);
    const { node } = anchored;
    return node.kind === 'map' ? { ...node, start, end } : node;
  }
}

const tooManyAliases = (at: number): Unreadable =>
  new Unreadable({
    at,
    code: 'too-many-aliases',
    message: 'the aliases of this file make it too large',
    remedy: 'write the repeated parts out, or fewer of them',
  });

const textOf = ({ value, type }: Scalar): string => withLineBreaks(String(value ?? ''), type);

/** The library types the parts of a composed document as unknown; they are nodes or null. */
function asNode(part: unknown): Node | null {
  return isScalar(part) || isMap(part) || isSeq(part) || isAlias(part) ? part : null;
}
