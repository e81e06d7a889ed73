/** The port: what Setlist asks of a place that holds audio and set files. Every adapter passes `test/conformance.ts`. */

/** Names of lower-case letters, digits and `-`; values of printable ASCII; 2,048 bytes together (S3's limit). */
export type Metadata = Readonly<Record<string, string>>;

export interface PutOptions {
  /** A media type such as `audio/mpeg`. A folder keeps none: there the file's extension says it. */
  readonly contentType: string;
  /** Kept beside the body by S3; a folder keeps none. */
  readonly metadata?: Metadata;
}

export interface StoredObject {
  readonly bytes: number;
  /** Present if the store keeps metadata at all, and then possibly empty. */
  readonly metadata?: Metadata;
}

export interface ListedObject {
  readonly key: string;
  readonly bytes: number;
  readonly modified: Date;
}

/**
 * Objects under keys such as `romeo/item-000001.mp3`. A key that `checkObjectKey` of `@setlist/contracts` refuses is
 * refused by every method with the code `invalid-key`. All failures are `StoreError`s.
 *
 * One object is in the way of another only in a folder: `a` and `a/b` can't both be kept there.
 */
export interface ObjectStore {
  /** `file:///absolute/folder` or `s3://bucket/prefix`, without a trailing slash. */
  readonly uri: string;
  /** Where a person finds the object: an absolute path, or an `s3://` URI as AWS's own command line takes it. */
  locate(key: string): string;
  /** Stores the whole body or nothing, replacing what was there; a reader sees the old object or the new one. */
  put(key: string, body: Uint8Array, options: PutOptions): Promise<void>;
  /** @throws StoreError with `not-found` if there is no such object */
  get(key: string): Promise<Uint8Array>;
  /** Undefined if there is no such object. */
  head(key: string): Promise<StoredObject | undefined>;
  /**
   * Makes `to` an independent copy of `from`, replacing what was there in one step. Type and metadata come along
   * unless `options` gives others.
   *
   * @throws StoreError with `not-found` if there is no `from`
   */
  copy(from: string, to: string, options?: PutOptions): Promise<void>;
  /** Does nothing if there is no such object. */
  delete(key: string): Promise<void>;
  /**
   * Every object whose key begins with `prefix` (a string, not a folder: `a/b` finds `a/bc` too), in the order of the
   * keys' UTF-8 bytes. Files that others left under names that are no keys are passed over. What changes meanwhile may
   * or may not be seen.
   */
  list(prefix: string): AsyncIterable<ListedObject>;
  /**
   * Finds out whether objects can be written, read and removed here, by doing so under a hidden name; a missing folder
   * is made. Meant for start, readiness and `doctor`, not for every request.
   */
  check(): Promise<void>;
}
