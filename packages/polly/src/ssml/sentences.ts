/** Notices where a tag that must enclose whole sentences plainly cuts through one. */

const MID_SENTENCE = /[\p{L}\p{N},]$/u;
const GOES_ON = /^[\p{Ll}\p{N},]/u;

/**
 * Follows a text from left to right. An edge counts as inside a sentence only when there is no doubt: a letter, digit or
 * comma before it and a small letter, digit or comma after it. A heading without a full stop passes.
 */
export class SentenceWatch {
  #before = '';
  #edge: number | undefined;
  #reported: number | undefined;

  /** A tag that must not cut a sentence begins or ends here; `offset` is where to point at. */
  edge(offset: number): void {
    this.#edge ??= offset;
  }

  /** A pause, a paragraph: whatever was being said is over. */
  pause(): void {
    this.#before = '';
    this.#edge = undefined;
  }

  /** Text goes on; returns the offset of an edge that cuts its sentence, once per offset. */
  text(text: string): number | undefined {
    const visible = text.trim();
    if (visible === '') return undefined;
    const cut = this.#edge !== undefined && MID_SENTENCE.test(this.#before) && GOES_ON.test(visible);
    const edge = this.#edge;
    this.#edge = undefined;
    this.#before = visible.slice(-2);
    if (!cut || edge === this.#reported) return undefined;
    this.#reported = edge;
    return edge;
  }
}
