/** The port: what Setlist asks of a place that holds audio and set files. Every adapter passes `test/conformance.ts`. */

/** Names of lower-case letters, digits and `-`; values of printable ASCII; 2,048 bytes together (S3's limit). */
export type Metadata = Readonly<Record<string, string>>;

/** What is kept beside a body. A folder keeps none of it: there the file's extension says what it is. */
export interface Description {
  /** A media type such as `audio/mpeg`. */
  readonly contentType: string;
  readonly metadata?: Metadata;
}

export interface PutOptions extends Description {
  /**
   * Leaves what is there as it is. In S3 the store itself sees to that, however many write at once. In a folder, and in
   * S3-compatible stores that refuse conditions, a look before does: two who write at the same moment may replace each
   * other's body. A store that takes a condition and ignores it replaces.
   */
  readonly ifAbsent?: boolean;
}

export interface CopyOptions {
  /** What is kept beside the copy; nothing of what is kept beside the original comes along. */
  readonly described: Description;
  /** Copies these bytes (SHA-256 in hex) or none. */
  readonly sha256?: string;
  /** The bytes need not be read where this can't copy: whoever asks has them. */
  readonly isAtHand?: boolean;
}

/** All of it, or its pieces as they come, of which no store holds more than a few megabytes. */
export type Body = Uint8Array | AsyncIterable<Uint8Array>;

export interface StoredObject {
  readonly bytes: number;
  readonly modified: Date;
  /** Another one whenever the object is replaced; the same in a list. Only good for comparing. */
  readonly version: string;
  /** Present if the store keeps metadata at all, and then possibly empty. */
  readonly metadata?: Metadata;
}

export interface ListedObject {
  readonly key: string;
  readonly bytes: number;
  readonly modified: Date;
  readonly version: string;
}

export interface PresignOptions {
  /** Up to a week. */
  readonly seconds: number;
  /** As what the object is sent. */
  readonly contentType: string;
  /** The header of that name: `inline` or `attachment`, with a file name. */
  readonly contentDisposition: string;
}

/** An object and the store that holds it. */
export interface ObjectAt {
  readonly store: ObjectStore;
  readonly key: string;
}

/**
 * Objects under keys such as `romeo/item-000001.mp3`. A key that `checkObjectKey` of `@setlist/contracts` refuses is
 * refused by every method with the code `invalid-key`, one that only Windows can't hold on Windows alone. All failures
 * are `StoreError`s.
 *
 * One object is in the way of another only in a folder: `a` and `a/b` can't both be kept there.
 */
export interface ObjectStore {
  /** `file:///absolute/folder` or `s3://bucket/prefix`, without a trailing slash. */
  readonly uri: string;
  /** Where a person finds the object: an absolute path, or an `s3://` URI as AWS's own command line takes it. */
  locate(key: string): string;
  /**
   * Stores the whole body or nothing, replacing what was there; a reader sees the old object or the new one. Where the
   * pieces of a body end in an error, nothing is stored.
   *
   * @returns false where `ifAbsent` was asked for and something is there already
   */
  put(key: string, body: Body, options: PutOptions): Promise<boolean>;
  /** @throws StoreError with `not-found` if there is no such object */
  get(key: string): Promise<Uint8Array>;
  /**
   * The body in pieces, for what is too large to hold. What breaks off before its end throws.
   *
   * @param version asks for the object as it was when `list` or `head` said so
   * @throws StoreError with `not-found`, at the first piece, if there is no such object (any more)
   */
  read(key: string, version?: string): AsyncGenerator<Uint8Array>;
  /**
   * An address at which whoever has it can read the object for a while, signed by the store itself; whether there is
   * such an object is not looked at. Undefined where the store signs none: a folder.
   */
  presign(key: string, options: PresignOptions): Promise<string | undefined>;
  /** Undefined if there is no such object. */
  head(key: string): Promise<StoredObject | undefined>;
  /**
   * Makes `to` an independent copy of an object of any store, replacing what was there in one step, without carrying the
   * bytes through this process. A folder's file that is such a copy already is left alone.
   *
   * @returns false where these two stores can't: nothing was done, and the bytes have to be read and put
   * @throws StoreError with `not-found` if there is no such object, or no place for the copy; `damaged` if its bytes are others than `sha256`
   */
  copyFrom(source: ObjectAt, to: string, options: CopyOptions): Promise<boolean>;
  /** Does nothing if there is no such object. */
  delete(key: string): Promise<void>;
  /**
   * Every object whose key begins with `prefix` (a string, not a folder: `a/b` finds `a/bc` too), in the order of the
   * keys' UTF-8 bytes. Files that others left under names that are no keys are passed over; `passedOver` is told those
   * names. What changes meanwhile may or may not be seen.
   */
  list(prefix: string, passedOver?: (name: string) => void): AsyncIterable<ListedObject>;
  /**
   * Finds out whether objects can be written, read and removed here, by doing so under a hidden name; a missing folder
   * is made. Where writing costs, it is not done again for ten minutes after it went well. Meant for start, readiness
   * and `doctor`, not for every request.
   *
   * @param below in which of its folders, where the store has folders
   */
  check(below?: string): Promise<void>;
}
