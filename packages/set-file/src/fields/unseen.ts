/** Finds invisible characters that make a key differ from its looks, or keep "key: value" from having a key. */

const UNSEEN =
  /^(?:[\w\-]+:)?(?<first>[[\p{Cc}\p{Cf}\p{Z}]--[ \t\n\r]])|(?<last>[[\p{Cc}\p{Cf}\p{Z}]--[ \t\n\r]])$/v;

/** An invisible character at the start of a text, after its first word and a colon, or at its end: as `U+00A0`. */
export function unseenIn(text: string): string | undefined {
  const { first, last } = UNSEEN.exec(text)?.groups ?? {};
  const code = (first ?? last)?.codePointAt(0);
  return code === undefined ? undefined : `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}
