/** Whether a text fits into an event: the broker's messages have a limit, and JSON makes some characters longer. */
import { MAX_EVENT_BYTES } from '@setlist/contracts';

/** Room for an event's other fields beside its text. */
const EVENT_FRAME_BYTES = 16_384;
/** No character takes more bytes in JSON, so that shorter texts need no measuring. */
const MAX_BYTES_PER_CHARACTER = 6;

/** The longest text, in bytes as JSON. */
export const MAX_TEXT_BYTES = MAX_EVENT_BYTES - EVENT_FRAME_BYTES;

export const fitsIntoEvent = (text: string): boolean =>
  text.length * MAX_BYTES_PER_CHARACTER <= MAX_TEXT_BYTES ||
  Buffer.byteLength(JSON.stringify(text)) <= MAX_TEXT_BYTES;
