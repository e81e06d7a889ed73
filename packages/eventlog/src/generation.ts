/** What a log's stream says of itself: which generation it is, and how many events its archives hold. */

/** How many events up to which sequence are in archives, and of which generation the log is. */
export interface Generation {
  readonly generation: number;
  readonly archived: { readonly events: number; readonly upToSeq: number };
}

/** Keys of the stream's metadata. */
const KEY = {
  generation: 'setlist-generation',
  events: 'setlist-archived-events',
  upToSeq: 'setlist-archived-up-to',
} as const;

const numberOf = (text: string | undefined, otherwise: number): number => {
  const value = Number(text);
  return text !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : otherwise;
};

/** A stream without such metadata is the first generation, of which nothing is archived. */
export const generationIn = (metadata: Readonly<Record<string, string>> | undefined): Generation => ({
  generation: numberOf(metadata?.[KEY.generation], 1),
  archived: {
    events: numberOf(metadata?.[KEY.events], 0),
    upToSeq: numberOf(metadata?.[KEY.upToSeq], 0),
  },
});

export const metadataOf = ({ generation, archived }: Generation): Record<string, string> => ({
  [KEY.generation]: String(generation),
  [KEY.events]: String(archived.events),
  [KEY.upToSeq]: String(archived.upToSeq),
});
