/** Cuts texts to the lengths that chats accept, and keeps users' words from turning into links. */

const ELLIPSIS = '…';

/** Cuts to at most this many UTF-16 units, between characters; vendors count characters, which are never more. */
export function clip(text: string, most: number): string {
  if (text.length <= most) return text;
  let cut = '';
  for (const character of text) {
    if (cut.length + character.length > most - ELLIPSIS.length) break;
    cut += character;
  }
  return cut + ELLIPSIS;
}

/** Puts an invisible word joiner between scheme and slashes, so that chats don't recognize an address. */
export const unlinked = (text: string): string => text.replace(/(https?):\/\//gi, '$1:\u2060//');

/** How many faults a chat shows; the mail and the command line show more. */
export const FAULTS_SHOWN = 5;

/** `… and 7 more`, or nothing. */
export const notShown = (all: number, shown: number): string | undefined =>
  all > shown ? `… and ${all - shown} more` : undefined;
