/** The one error that every store throws: callers decide by its literal code, never by an adapter's own errors. */

export type StoreErrorCode =
  /** There is no object under the key. */
  | 'not-found'
  /** The object's bytes are not those that were stored. */
  | 'damaged'
  /**
   * The store refuses the call: missing rights, bad credentials, a link that leads out of the folder, an archived
   * object, or a request that it does not support.
   */
  | 'denied'
  /** No space left, or a quota is used up. */
  | 'full'
  /** The file system can't be written to. */
  | 'read-only'
  /** The store can't be reached, is overloaded, does not exist (yet), or broke off. */
  | 'unavailable'
  /** The store can't hold an object under this key. */
  | 'invalid-key'
  /** The address of the store is not valid. */
  | 'invalid-uri'
  /** A failure that has no meaning here: a setting that is missing, for example, or a fault in Setlist. */
  | 'unknown';

/** Codes after which the same call may succeed later without anyone changing the call, rights or settings. */
const RETRYABLE: ReadonlySet<StoreErrorCode> = new Set(['full', 'unavailable']);

/**
 * A store's failure. `full` and `unavailable` can pass without anyone changing the call, its rights or the settings: the
 * same call is then tried again later. All others stay until someone does what `remedy` says.
 */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;
  /** What a person can do about it: a sentence. */
  readonly remedy: string;
  /** Whether the same call may succeed later without being changed. */
  readonly retryable: boolean;

  constructor(code: StoreErrorCode, message: string, options: { remedy: string; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.remedy = options.remedy;
    this.retryable = RETRYABLE.has(code);
  }
}

/** What `reading` resolves to, or undefined if the store says that there is no such object. */
export async function ifThere<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof StoreError && error.code === 'not-found') return undefined;
    throw error;
  }
}
