/** Converts the library's nodes to plain ones; resolves aliases and merge keys, with a limit on their expansion. */
import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import { swallowedAt, withLineBreaks } from './line-breaks.ts';
import { MAX_FILE_BYTES } from './not-text.ts';
import {
  type Entry,
  type MapNode,
  type ScalarNode,
  type SourceNode,
  type SourceSink,
  Unreadable,
} from './source-nodes.ts';
import { anchorInstead, commentBehind, commentInstead, UnspokenWords } from './unspoken.ts';

/** [Merge key](https://yaml.org/type/merge.html): the entries of another map, unless the map has them itself. */
const MERGE_KEY = '<<';
/** Merges are refused once they bring more than MANY_KEYS and, on average, this many keys; a set file knows fewer. */
const MERGED_KEYS = 20;
const MANY_KEYS = 100_000;

type Anchored = { readonly node: SourceNode; readonly weight: number };

/** PyYAML's form of anchor names. YAML 1.2 also reads `&c.` as an anchor, which is never intended. */
const ANCHOR = /^[\w-]+$/;

/** Converts the nodes of one file, in the order of the file: an alias means the last anchor with its name before it. */
export class YamlNodes {
  readonly #sink: SourceSink;
  readonly #unspoken: UnspokenWords;
  readonly #anchors = new Map<string, Anchored>();
  /** The number of source characters that aliases have repeated so far. */
  #expanded = 0;
  /** The number of merges so far, and of the keys that they brought. */
  #merges = 0;
  #merged = 0;

  constructor(sink: SourceSink) {
    this.#sink = sink;
    this.#unspoken = new UnspokenWords(sink);
  }

  /** @throws Unreadable if aliases would expand the file beyond the maximum file size ("billion laughs") */
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

  /** Called at the end of the file. */
  end(): void {
    this.#unspoken.end();
  }

  /** Refuses a text that begins with `&` or `!`, since YAML would drop its first word. */
  #refuseUnmeant({ anchor, tag, range }: Exclude<Node, Alias>): void {
    const isOddAnchor = anchor !== undefined && !ANCHOR.test(anchor);
    if (!isOddAnchor && tag !== '!') return;
    const [begins, it] = isOddAnchor ? [`&${anchor}`, 'an anchor'] : ['!', 'a tag'];
    this.#sink.fault({
      at: range?.[0] ?? 0,
      code: 'yaml-syntax',
      message: `"${begins}" before this is read as ${it}, and would not be spoken`,
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
    const comment = commentBehind(node)?.text ?? anchorInstead(node);
    const value = isScalar(node) ? textOf(node) : '';
    return { kind: 'scalar', value, start, end, ...(comment !== undefined && { comment }) };
  }

  /** Refuses a block text in which, after a line break of PyYAML, an item or key follows that would be spoken. */
  #refuseSwallowed({ srcToken }: Scalar.Parsed | Scalar, end: number): void {
    if (srcToken?.type !== 'block-scalar') return;
    const at = swallowedAt(srcToken);
    if (at === undefined) return;
    const code = srcToken.source.charCodeAt(at).toString(16).toUpperCase().padStart(4, '0');
    this.#sink.fault({
      at: end - srcToken.source.length + at,
      code: 'yaml-syntax',
      message: `what follows the line separator U+${code} looks like the next item or key, but would be spoken`,
      remedy: 'replace the character with a line break',
    });
  }

  #convertMap(map: YAMLMap, start: number, end: number): MapNode {
    const entries: Entry[] = [];
    const merges: Entry[] = [];
    for (const pair of map.items) {
      const key = this.#convertKey(asNode(pair.key), start);
      if (key === undefined) continue;
      this.#unspoken.value(key.value, asNode(pair.value));
      const value = this.#convertValue(pair, key.end);
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

  #convertValue(pair: Pair, emptyAt: number): SourceNode {
    const value = this.convert(asNode(pair.value), emptyAt);
    if (value.kind !== 'scalar' || value.comment !== undefined) return value;
    const comment = commentInstead(pair);
    return comment === undefined ? value : { ...value, comment };
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
   * Of several maps, the first one with a key wins; the map's own keys take precedence. A duplicate key within one map
   * is kept, so that it gets reported.
   * @throws Unreadable if merges bring far more keys than a set file can use
   */
  #mergedEntries({ key, value }: Entry, present: Set<string>): Entry[] {
    const merged: Entry[] = [];
    for (const source of value.kind === 'list' ? value.items : [value]) {
      if (source.kind !== 'map') {
        const remedy = 'write "<<: *name" with the anchor of a map';
        this.#sink.fault({
          at: key.start,
          code: 'bad-merge',
          message: 'the value of "<<" is not a map',
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

/** The library types the parts of a composed document as unknown, but they are nodes or null. */
function asNode(part: unknown): Node | null {
  return isScalar(part) || isMap(part) || isSeq(part) || isAlias(part) ? part : null;
}
