/** How counts and other people's words stand in what is said to people, wherever it is said. */

const GROUPED = new Intl.NumberFormat('en-US');
const LONGEST_QUOTE = 60;

/** `2,233`. */
export const grouped = (count: number): string => GROUPED.format(count);

/** `1 item`, `2,233 items`; a noun whose plural isn't its singular and an s brings its own. */
export const countOf = (count: number, one: string, many = `${one}s`): string =>
  `${grouped(count)} ${count === 1 ? one : many}`;

/**
 * What looks like nothing, or like the blank that it is not. The joiners within a text are left: they belong to the
 * spelling of some scripts.
 */
const UNSEEN = /[[\p{Cc}\p{Cf}\p{Z}]--[ \u200c\u200d]]|(?<=^")[\u200c\u200d]/gv;

/** A text as a message shows it: quoted, what can't be seen escaped, cut to a readable length. */
export function quote(text: string): string {
  // No more of it is taken apart than can be shown: a character takes two units at most.
  const characters = [...text.slice(0, 2 * LONGEST_QUOTE + 2)];
  const isLong = characters.length > LONGEST_QUOTE;
  const shown = isLong ? `${characters.slice(0, LONGEST_QUOTE).join('')}…` : text;
  return JSON.stringify(shown).replace(UNSEEN, escaped);
}

/** As JSON escapes a character: each of its UTF-16 code units. */
const escaped = (character: string): string =>
  character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
