/** Finds words that YAML drops from a text: after a ` #`, or as an anchor before it that nothing uses. */
import { type Alias, isScalar, type Node } from 'yaml';
import type { SourceSink, SyntaxFault } from './source-nodes.ts';

const TEXT_KEY = 'text';

/** Follows the values of one file in order, and notes dropped words that were probably meant to be spoken. */
export class UnspokenWords {
  readonly #sink: SourceSink;
  /** Anchors of texts that no alias has used yet, with their offsets. */
  readonly #unused = new Map<string, number>();

  constructor(sink: SourceSink) {
    this.#sink = sink;
  }

  /** A key's value; to be called before any alias for it. */
  value(key: string, node: Node | null): void {
    const anchor = isScalar(node) ? node.anchor : undefined;
    if (anchor !== undefined) this.#tell(anchor);
    if (key !== TEXT_KEY || !isScalar(node) || node.srcToken?.type !== 'scalar') return;
    const behind = node.srcToken.end?.find(({ type }) => type === 'comment' || type === 'newline');
    if (behind?.type === 'comment' && /^#[^\s#]/.test(behind.source)) {
      const word = /^\S{1,20}/u.exec(behind.source)?.[0];
      this.#notice(behind.offset, `"${word}" and what follows it is read as a comment, and is not spoken`);
    }
    if (anchor !== undefined) this.#unused.set(anchor, node.range?.[0] ?? 0);
  }

  used({ source }: Alias): void {
    this.#unused.delete(source);
  }

  /** Called at the end of the file. */
  end(): void {
    for (const anchor of [...this.#unused.keys()]) this.#tell(anchor);
  }

  /** Reports an unused anchor, once no later alias can mean it. */
  #tell(anchor: string): void {
    const at = this.#unused.get(anchor);
    if (at === undefined) return;
    this.#unused.delete(anchor);
    this.#notice(at, `"&${anchor}" before this is read as an anchor, which nothing uses, and is not spoken`);
  }

  #notice(at: number, message: string): void {
    const remedy = 'put the whole text in quotes if it is meant to be spoken, or remove it';
    const notice: SyntaxFault = { at, code: 'not-spoken', message, remedy };
    this.#sink.notice(notice);
  }
}
