/** What a set file says, before anyone judges it: one small tree for YAML and JSON alike, with offsets into the source. */

/**
 * Characters that may have to be read at once before a file is refused: a dozen, which the longest escape takes, for each
 * of the 200,000 of the longest text.
 */
export const MAX_PIECE_CHARACTERS = 2_500_000;

/** A text as written; numbers, `Yes` and `~` too are the text they are written with. Empty if nothing is there. */
export type ScalarNode = {
  readonly kind: 'scalar';
  readonly value: string;
  /** Offsets into the source in UTF-16 code units, end excluded; quotes and block headers lie within. */
  readonly start: number;
  readonly end: number;
};
/** A name of a file or folder as written. Only the line break that ends a block text is no part of it. */
export const nameOf = ({ value }: ScalarNode): string => value.replace(/\n$/, '');

export type ListNode = {
  readonly kind: 'list';
  readonly items: readonly SourceNode[];
  readonly start: number;
  readonly end: number;
};
export type MapNode = {
  readonly kind: 'map';
  /** In the order of the file, duplicates included. */
  readonly entries: readonly Entry[];
  readonly start: number;
  readonly end: number;
};
export type Entry = {
  readonly key: ScalarNode;
  readonly value: SourceNode;
  /** It stands between the commas of braces without even a colon. */
  readonly isBare?: true;
};
export type SourceNode = ScalarNode | ListNode | MapNode;

/** What is wrong with the writing itself, at an offset of the source. */
export type SyntaxFault = {
  readonly at: number;
  /** Where what is broken begins, if in a line before. */
  readonly from?: number;
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
};

/** Ends the reading of a file at once: what follows the fault can't be told. */
export class Unreadable extends Error {
  readonly fault: SyntaxFault;
  constructor(fault: SyntaxFault) {
    super(fault.message);
    this.fault = fault;
  }
}

/**
 * Takes a file in as it is read, so that the tree of the whole is never in memory: first items of the top level's
 * `items`, then that and every other top-level entry, in the order of the file.
 */
export type SourceSink = {
  /** An item of `items`, before its entry is complete. */
  item(node: SourceNode): void;
  /** A top-level entry; the value of `items` holds only those that were not handed over yet. */
  entry(entry: Entry): void;
  fault(fault: SyntaxFault): void;
  /** What may be meant, and is worth a word all the same. */
  notice(notice: SyntaxFault): void;
  /** True when nothing more need be read. */
  readonly full: boolean;
};
