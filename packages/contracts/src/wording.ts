/** How counts and other people's words stand in what is said to people, wherever it is said. */

const GROUPED = new Intl.NumberFormat('en-US');
const LONGEST_QUOTE = 60;

/** `2,233`. */
export const grouped = (count: number): string => GROUPED.format(count);

/** `1 item`, `2,233 items`; a noun whose plural isn't its singular and an s brings its own. */
export const countOf = (count: number, one: string, many = `${one}s`): string =>
  `${grouped(count)} ${count === 1 ? one : many}`;

/** A text as a message shows it: quoted, what can't be seen escaped, cut to a readable length. */
export function quote(text: string): string {
  // No more of it is taken apart than can be shown: a character takes two units at most.
  const characters = [...text.slice(0, 2 * LONGEST_QUOTE + 2)];
  const isLong = characters.length > LONGEST_QUOTE;
  return JSON.stringify(isLong ? `${characters.slice(0, LONGEST_QUOTE).join('')}…` : text);
}
