/** The port: what Setlist needs from a store of audio and set files. Every adapter passes `test/conformance.ts`. */

/** Names of lower-case letters, digits and `-`; values of printable ASCII; 2,048 bytes in total (S3's limit). */
export type Metadata = Readonly<Record<string, string>>;

/** What a store keeps beside a body. A folder keeps none of it: the file's extension says what the file is. */
export interface Description {
  /** A media type such as `audio/mpeg`. */
  readonly contentType: string;
  readonly metadata?: Metadata;
}

export interface PutOptions extends Description {
  /**
   * Writes only if there is no such object yet. S3 itself guarantees that, however many writers there are at once. In a
   * folder, and in S3-compatible stores that refuse conditions, the adapter looks first: two writers at the same moment
   * can replace each other's body. In a store that accepts the condition and ignores it, the object is replaced.
   */
  readonly ifAbsent?: boolean;
}

export interface CopyOptions {
  /** What the store keeps beside the copy; what it keeps beside the original is not copied. */
  readonly described: Description;
  /** Copies these bytes (SHA-256 in hex) or none. */
  readonly sha256: string;
  /** Whether the caller has the bytes, so that they need not be read if this store can't copy. */
  readonly isAtHand: boolean;
}

/** The whole body, or its pieces as they come; no store holds more than a few megabytes of these at a time. */
export type Body = Uint8Array | AsyncIterable<Uint8Array>;

export interface StoredObject {
  readonly bytes: number;
  readonly modified: Date;
  /** Changes whenever the object is replaced; the same in `list` and `head`. Only good for comparing. */
  readonly version: string;
  /** Present, and possibly empty, if the store keeps metadata at all. */
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
  /** The content type that the object is sent with. */
  readonly contentType: string;
  /** The `Content-Disposition` header: `inline` or `attachment`, with a file name. */
  readonly contentDisposition: string;
}

/** An address at which anyone who has it can read an object for a while. */
export interface SignedAddress {
  readonly url: string;
  /** After the time that was asked for, or earlier if the credentials that signed it say that they expire earlier. */
  readonly expiresAt: Date;
}

/** An object and the store that holds it. */
export interface ObjectAt {
  readonly store: ObjectStore;
  readonly key: string;
}

/**
 * Objects under keys such as `romeo/item-000001.mp3`. Every method refuses a key that `checkObjectKey` of
 * `@setlist/contracts` refuses, with the code `invalid-key`; a key that only Windows can't hold is refused only on
 * Windows. All failures are `StoreError`s.
 *
 * Only in a folder can one object be in the way of another: it can't hold both `a` and `a/b`.
 */
export interface ObjectStore {
  /** `file:///absolute/folder` or `s3://bucket/prefix`, without a trailing slash. */
  readonly uri: string;
  /** Where a person finds the object: an absolute path, or an `s3://` URI as the AWS command line takes it. */
  locate(key: string): string;
  /**
   * Stores the whole body or nothing, replacing any object under the key; a reader sees the old object or the new one.
   * If the pieces of a body end in an error, nothing is stored.
   *
   * @returns false if `ifAbsent` is set and there is such an object already
   */
  put(key: string, body: Body, options: PutOptions): Promise<boolean>;
  /** @throws StoreError with `not-found` if there is no such object */
  get(key: string): Promise<Uint8Array>;
  /**
   * The body in pieces, for objects that are too large to hold in memory. Throws if the body breaks off before its end.
   *
   * @param version reads only this version, as `list` or `head` gave it
   * @throws StoreError with `not-found`, at the first piece, if there is no such object or version
   */
  read(key: string, version?: string): AsyncGenerator<Uint8Array>;
  /**
   * An address signed by the store itself. Does not check that the object exists. Undefined if the store signs no
   * addresses: a folder.
   */
  presign(key: string, options: PresignOptions): Promise<SignedAddress | undefined>;
  /** Undefined if there is no such object. */
  head(key: string): Promise<StoredObject | undefined>;
  /**
   * Makes `to` an independent copy of an object of any store, replacing in one step what was there, without carrying
   * the bytes through this process. A folder can only find that a file is such a copy already, and leave it alone.
   *
   * @returns false if these two stores can't do that: nothing was done, and the caller has to read and put the bytes
   * @throws StoreError with `not-found` if there is no such object, or no place for the copy; `damaged` if the SHA-256
   * of its bytes is not `sha256`
   */
  copyFrom(source: ObjectAt, to: string, options: CopyOptions): Promise<boolean>;
  /** Does nothing if there is no such object. */
  delete(key: string): Promise<void>;
  /**
   * Every object whose key begins with `prefix` (a string, not a folder: `a/b` finds `a/bc` too), in the order of the
   * keys' UTF-8 bytes. Skips files that others left under names that are not keys, and calls `passedOver` with those
   * names. May or may not show changes made while it runs.
   */
  list(prefix: string, passedOver?: (name: string) => void): AsyncIterable<ListedObject>;
  /**
   * Finds out whether objects can be written, read and removed here, by doing so under a hidden name. Where writing is
   * costly, it does not write again for ten minutes after a success. Meant for start, readiness and `doctor`, not for
   * every request.
   *
   * The first check of a folder makes it if it is missing. After a success, a store without that folder counts as away
   * (`unavailable`): it holds what it held, and this object does not make the folder again.
   *
   * @param below the folder to check, in a store that has folders
   */
  check(below?: string): Promise<void>;
}
