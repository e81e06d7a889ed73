/** Finds what Polly will refuse in an SSML text, and what to write instead, before anything is paid for. */

import type { Engine } from '../vocabulary.ts';
import { type Finding, SsmlReader } from './reader.ts';

export type SsmlProblem = {
  /** 1-based, within the text. */
  readonly line: number;
  /** 1-based, in UTF-16 code units, as editors and YAML parsers count. */
  readonly column: number;
  /**
   * `malformed`: no engine reads it (not well-formed, no `<speak>` as its root, an attribute or a value that doesn't
   * exist). `unknown-tag`: Polly has no such tag. `unsupported`: valid, but not for this engine or voice.
   */
  readonly kind: 'malformed' | 'unknown-tag' | 'unsupported';
  readonly message: string;
  readonly remedy: string;
};

/**
 * Checks a text of type `ssml` for one engine, and for one voice where that matters (the newscaster style, and the
 * alternative that a remedy names). Reports all faults in the order of the text, but only up to a tag with broken
 * syntax or nesting, since anything after it would be guesswork. Never throws.
 *
 * What Polly reads: [Supported SSML tags](https://docs.aws.amazon.com/polly/latest/dg/supportedtags.html).
 */
export function checkSsml(ssml: string, options: { engine: Engine; voice?: string }): SsmlProblem[] {
  const findings = new SsmlReader(ssml, options).read();
  findings.sort((a, b) => a.offset - b.offset);
  return locate(ssml, findings);
}

/** Line and column for findings sorted by offset, in one pass over the text. */
function locate(text: string, findings: readonly Finding[]): SsmlProblem[] {
  const lineBreak = /\r\n|\r|\n/g;
  let line = 1;
  let start = 0;
  let next = lineBreak.exec(text);
  return findings.map(({ offset, ...finding }) => {
    for (; next !== null && next.index < offset; next = lineBreak.exec(text)) {
      line += 1;
      start = lineBreak.lastIndex;
    }
    return { line, column: offset - start + 1, ...finding };
  });
}
