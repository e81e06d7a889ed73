/** Finds what stands at a place of a YAML document. It is walked once, since it can have an error on every line. */
import { type Document, isMap, isNode, visit, type YAMLMap } from 'yaml';

interface Text {
  readonly start: number;
  readonly end: number;
  /** The parser's name for its style. */
  readonly type: string;
}

export class YamlPlaces {
  /** Texts, keys included, in the order of the document. */
  readonly #texts: Text[] = [];
  /** Where brackets and braces begin, in the same order. */
  readonly #brackets: number[] = [];
  /** Where maps begin with a "?": their first key begins later. */
  readonly #explicitKeys = new Set<number>();

  constructor(document: Document.Parsed) {
    visit(document, {
      Scalar: (_, { range, type = '' }) => {
        if (range) this.#texts.push({ start: range[0], end: range[1], type });
      },
      Collection: (_, node) => {
        if (!node.range) return;
        const [start] = node.range;
        if (node.flow) this.#brackets.push(start);
        if (isMap(node)) this.#noteFirstKey(start, node);
      },
    });
  }

  /** Whether the map at an offset begins with a "?". */
  hasExplicitKey(at: number): boolean {
    return this.#explicitKeys.has(at);
  }

  /** The parser's name for the style of the last text that ends at or before an offset. */
  typeBefore(offset: number): string {
    return this.#texts[countFirst(this.#texts, ({ end }) => end <= offset) - 1]?.type ?? '';
  }

  /** Where the text begins that reaches up to an offset. */
  startOfText(offset: number): number {
    const { start = offset } = this.#texts[countFirst(this.#texts, ({ end }) => end < offset)] ?? {};
    return Math.min(start, offset);
  }

  /** Where the last bracket or brace begins before an offset. */
  bracketBefore(offset: number): number {
    return this.#brackets[countFirst(this.#brackets, (start) => start < offset) - 1] ?? offset;
  }

  #noteFirstKey(start: number, { items: [first] }: YAMLMap): void {
    if (!isNode(first?.key)) return;
    if ((first.key.range?.[0] ?? start) > start) this.#explicitKeys.add(start);
    else this.#explicitKeys.delete(start);
  }
}

/** The number of elements at the beginning of a list that meet a condition, which none of the others meets. */
function countFirst<T>(list: readonly T[], meets: (element: T) => boolean): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const element = list[middle];
    if (element !== undefined && meets(element)) low = middle + 1;
    else high = middle;
  }
  return low;
}
