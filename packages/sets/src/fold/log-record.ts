/** A record of the log as the fold sees it, so that the domain does not depend on the broker. */
import type { SetlistEvent } from '@setlist/contracts';

export interface LogRecord {
  /** Its sequence in the log. */
  readonly seq: number;
  readonly subject: string;
  /** When the broker stored it, on the broker's clock. */
  readonly time: Date;
  /** The stored bytes, which go into the chain whether or not they can be read. */
  readonly raw: Uint8Array;
  /** Missing where this version can't read it. */
  readonly event?: SetlistEvent;
}
