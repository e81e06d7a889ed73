/** What the broker says about a message that it delivers: the subject of the message's acknowledgement, read once. */
import type { JsMsg } from 'nats';

export interface Delivery {
  /** The message's sequence in the stream. */
  readonly seq: number;
  /** Its place among all that the consumer was sent, from 1. */
  readonly place: number;
  /** How many times it was delivered, this one included. */
  readonly deliveries: number;
  /** When the broker stored it, in ms since 1970, by the broker's clock. */
  readonly timeMs: number;
  /** How many messages the consumer has yet to be sent. */
  readonly pending: number;
}

/** The tokens before the numbers: `$JS.ACK.DOMAIN.ACCOUNT.STREAM.CONSUMER`, without domain and account before 2.4. */
const TOKENS_BEFORE = 6;
const OLD_TOKENS_BEFORE = 4;
const OLD_TOKENS = 9;
/** A millisecond has six digits of nanoseconds. */
const NANO_DIGITS = 6;

/**
 * The client's own parsing rounds the time to 256 ns, so that one event in some thousands is a millisecond late. Here
 * it is cut to milliseconds, exactly as a direct get cuts it. The client's published type omits the subject.
 */
export function deliveryOf(message: JsMsg): Delivery {
  const tokens = (message as JsMsg & { readonly reply: string }).reply.split('.');
  const at = tokens.length === OLD_TOKENS ? OLD_TOKENS_BEFORE : TOKENS_BEFORE;
  return {
    deliveries: Number(tokens[at]),
    seq: Number(tokens[at + 1]),
    place: Number(tokens[at + 2]),
    timeMs: Number(tokens[at + 3]?.slice(0, -NANO_DIGITS)),
    pending: Number(tokens[at + 4]),
  };
}
