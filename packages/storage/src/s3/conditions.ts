/** Writing only where nothing is: S3 sees to it by a condition; stores that refuse the condition are looked into before. */
import { isNotImplemented, statusOf } from './errors.ts';

/** A request that writes an object, with what it is sent on condition of. */
export type Write = (condition: { readonly IfNoneMatch?: '*' }) => Promise<unknown>;

/** What one store has shown of its conditions. */
export class Conditions {
  #areKnown = true;

  /** @returns false where something is there already, which is left as it is */
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
    // It takes the same request without the condition: that was what it refused.
    this.#areKnown = false;
    return true;
  }
}
