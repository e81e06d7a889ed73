/** Writes an object only if there is none: by S3's own condition or, in stores that refuse conditions, after a look. */
import { isNotImplemented, statusOf } from './errors.ts';

/** Sends a request that writes an object, on a condition or without. */
export type Write = (condition: { readonly IfNoneMatch?: '*' }) => Promise<unknown>;

/** Whether one store supports conditions, as far as its answers have shown. */
export class Conditions {
  #areKnown = true;

  /** @returns false if there is an object already, which is left as it is */
  async ifAbsent(write: Write, isThere: () => Promise<boolean>): Promise<boolean> {
    if (this.#areKnown) {
      try {
        await write({ IfNoneMatch: '*' });
        return true;
      } catch (error) {
        if (statusOf(error) === 412) return false;
        if (!isNotImplemented(error)) throw error;
      }
    }
    if (await isThere()) return false;
    await write({});
    // The store accepts the same request without the condition, so the condition was what it refused.
    this.#areKnown = false;
    return true;
  }
}
