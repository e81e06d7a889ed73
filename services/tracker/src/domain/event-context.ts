/** What all events that the tracker writes about a set have in common. */

/** @param now in ms since 1970 */
export const eventContext = ({ setId }: { readonly setId: string }, { now }: { readonly now: number }) => ({
  source: 'tracker' as const,
  now: new Date(now),
  setId,
  correlationId: setId,
});
