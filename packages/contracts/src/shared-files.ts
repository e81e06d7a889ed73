/** Where a set's files are written. */
export interface FilesPlace {
  /** URI of the store. */
  readonly output: string;
  readonly prefix: string;
}

/** Whether two sets can write the same file: a folder of one set can be the other's prefix. */
export const mayShareFiles = (one: FilesPlace, other: FilesPlace): boolean =>
  one.output === other.output && (isWithin(one.prefix, other.prefix) || isWithin(other.prefix, one.prefix));

const isWithin = (inner: string, outer: string): boolean => `${inner}/`.startsWith(`${outer}/`);
