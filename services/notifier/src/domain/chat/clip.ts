/** Cutting texts to the lengths that chats take, and keeping other people's words from turning into links. */

const ELLIPSIS = '…';

/** At most so many UTF-16 units, which is never more than the characters a vendor counts; cut between characters. */
export function clip(text: string, most: number): string {
  if (text.length <= most) return text;
  let cut = '';
  for (const character of text) {
    if (cut.length + character.length > most - ELLIPSIS.length) break;
    cut += character;
  }
  return cut + ELLIPSIS;
}

/** A word joiner, which nobody sees, parts the scheme from its slashes: chats take it for no address then. */
export const unlinked = (text: string): string => text.replace(/(https?):\/\//gi, '$1:\u2060//');

/** How many faults a chat shows; the mail and the command line show more. */
export const FAULTS_SHOWN = 5;

/** `… and 7 more`, or nothing. */
export const notShown = (all: number, shown: number): string | undefined =>
  all > shown ? `… and ${all - shown} more` : undefined;
