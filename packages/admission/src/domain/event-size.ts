/** Whether a text fits into an event: the broker's messages have a limit, and JSON makes some characters longer. */
import { MAX_EVENT_BYTES } from '@setlist/contracts';

/** Bytes reserved for an event's fields other than its text. */
const EVENT_FRAME_BYTES = 16_384;
/** The most bytes of one character in JSON; texts short enough by it need no measuring. */
const MAX_BYTES_PER_CHARACTER = 6;

/** The longest text, in bytes as JSON. */
export const MAX_TEXT_BYTES = MAX_EVENT_BYTES - EVENT_FRAME_BYTES;

export const fitsIntoEvent = (text: string): boolean =>
  text.length * MAX_BYTES_PER_CHARACTER <= MAX_TEXT_BYTES ||
  Buffer.byteLength(JSON.stringify(text)) <= MAX_TEXT_BYTES;
