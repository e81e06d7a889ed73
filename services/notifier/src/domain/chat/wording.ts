/** How chats write users' words, and how many faults they show. */

/** Puts an invisible word joiner between scheme and slashes, so that chats don't recognize an address. */
export const unlinked = (text: string): string => text.replace(/(https?):\/\//gi, '$1:\u2060//');

/** How many faults a chat shows; the mail and the command line show more. */
export const FAULTS_SHOWN = 5;

/** `… and 7 more`, or nothing. */
export const notShown = (all: number, shown: number): string | undefined =>
  all > shown ? `… and ${all - shown} more` : undefined;
