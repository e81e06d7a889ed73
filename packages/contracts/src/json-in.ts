/** Text that comes from elsewhere, and may be JSON or anything else. */

/** What the text says; nothing where it is no JSON. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
