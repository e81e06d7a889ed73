/** Where a set's files land. */
export interface FilesPlace {
  /** URI of the store. */
  readonly output: string;
  readonly prefix: string;
}

/** Whether two sets may write the same file: what one calls a folder may be another's prefix. */
export const mayShareFiles = (one: FilesPlace, other: FilesPlace): boolean =>
  one.output === other.output && (isWithin(one.prefix, other.prefix) || isWithin(other.prefix, one.prefix));

const isWithin = (inner: string, outer: string): boolean => `${inner}/`.startsWith(`${outer}/`);
