/** Finds what can't be seen where it makes a key another one than it looks like, or keeps a text from being one. */

const UNSEEN =
  /^(?:[\w\-]+:)?(?<first>[[\p{Cc}\p{Cf}\p{Z}]--[ \t\n\r]])|(?<last>[[\p{Cc}\p{Cf}\p{Z}]--[ \t\n\r]])$/v;

/** A character at the beginning of a text, behind its first word and a colon, or at its end: as `U+00A0`. */
export function unseenIn(text: string): string | undefined {
  const { first, last } = UNSEEN.exec(text)?.groups ?? {};
  const code = (first ?? last)?.codePointAt(0);
  return code === undefined ? undefined : `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}
