/** Detects a tag that must enclose whole sentences but clearly cuts through one. */

const MID_SENTENCE = /[\p{L}\p{N},]$/u;
const GOES_ON = /^[\p{Ll}\p{N},]/u;

/**
 * Follows a text from left to right. An edge counts as inside a sentence only if there is no doubt: a letter, digit or
 * comma before it and a lower-case letter, digit or comma after it. A heading without a full stop passes.
 */
export class SentenceWatch {
  #before = '';
  #edge: number | undefined;
  #reported: number | undefined;

  /** A tag that must not cut a sentence begins or ends here; `offset` is the position to report. */
  edge(offset: number): void {
    this.#edge ??= offset;
  }

  /** A pause or a paragraph ends the sentence. */
  pause(): void {
    this.#before = '';
    this.#edge = undefined;
  }

  /** The text that follows. Returns the offset of an edge that cuts its sentence, once per offset. */
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
