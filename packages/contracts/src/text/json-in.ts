/** Reads text from outside that may or may not be JSON. */

/** The parsed value; undefined where the text is not JSON. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
