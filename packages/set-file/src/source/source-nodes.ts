/** A set file's content before it is checked: one small tree for YAML and JSON alike, with offsets into the source. */

/**
 * The maximum number of characters that have to be read at once: a dozen, as in the longest escape, for each of the
 * 200,000 characters of the longest text.
 */
export const MAX_PIECE_CHARACTERS = 2_500_000;

/** A text as written; numbers, `Yes` and `~` are text too. Empty if there is no value. */
export type ScalarNode = {
  readonly kind: 'scalar';
  readonly value: string;
  /** Offsets into the source in UTF-16 code units, end excluded; they include quotes and block headers. */
  readonly start: number;
  readonly end: number;
  /** A comment that was probably meant as part of it, as in `Gate #5`, or a comment or anchor in place of a value. */
  readonly comment?: string;
};
/** The name of a file or folder as written, except for the line break that ends a block text. */
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
  /** It is an entry in braces without a colon. */
  readonly isBare?: true;
};
export type SourceNode = ScalarNode | ListNode | MapNode;

/** A syntax fault at an offset of the source. */
export type SyntaxFault = {
  readonly at: number;
  /** Where the broken construct begins, if on an earlier line. */
  readonly from?: number;
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  /** Whether everything else that is found on its line follows from it. */
  readonly spoilsLine?: true;
};

/** Ends the reading of a file at once, since what follows the fault can't be interpreted. */
export class Unreadable extends Error {
  readonly fault: SyntaxFault;
  constructor(fault: SyntaxFault) {
    super(fault.message);
    this.fault = fault;
  }
}

/**
 * Receives a file as it is read, so that the whole tree is never in memory: top-level entries in the order of the file,
 * and before the entry `items` its items.
 */
export type SourceSink = {
  /** An item of `items`, before its entry is complete. */
  item(node: SourceNode): void;
  /** A top-level entry; the value of `items` contains only the items that were not handed over yet. */
  entry(entry: Entry): void;
  fault(fault: SyntaxFault): void;
  /** Something that is possibly intended but worth mentioning. */
  notice(notice: SyntaxFault): void;
  /** True when nothing more need be read. */
  readonly full: boolean;
};
