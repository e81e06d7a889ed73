/** The metadata of the log's stream: the log's generation, and how many events are in archives. */

/** The log's generation, and what of it is in archives. */
export interface Generation {
  readonly generation: number;
  readonly archived: Archived;
}

export interface Archived {
  /** How many events are in archives. */
  readonly events: number;
  /** The last sequence of the log when the last archive was made. */
  readonly upToSeq: number;
  /** When the last archive was made, in ms since 1970; missing if that was not recorded. */
  readonly at?: number;
}

/** Keys of the stream's metadata. */
const KEY = {
  generation: 'setlist-generation',
  events: 'setlist-archived-events',
  upToSeq: 'setlist-archived-up-to',
  at: 'setlist-archived-at',
} as const;

const numberOf = (text: string | undefined, otherwise: number): number => {
  const value = Number(text);
  return text !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : otherwise;
};

/** Reads the metadata. A stream without it is the first generation, with nothing archived. */
export function generationIn(metadata: Readonly<Record<string, string>> | undefined): Generation {
  const at = numberOf(metadata?.[KEY.at], 0);
  return {
    generation: numberOf(metadata?.[KEY.generation], 1),
    archived: {
      events: numberOf(metadata?.[KEY.events], 0),
      upToSeq: numberOf(metadata?.[KEY.upToSeq], 0),
      ...(at > 0 && { at }),
    },
  };
}

export const metadataOf = ({ generation, archived }: Generation): Record<string, string> => ({
  [KEY.generation]: String(generation),
  [KEY.events]: String(archived.events),
  [KEY.upToSeq]: String(archived.upToSeq),
  ...(archived.at !== undefined && { [KEY.at]: String(archived.at) }),
});
