/** Reads text from outside that may or may not be percent-encoded. */

/** The decoded text; undefined where a percent sign begins no encoded character. */
export function uriDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
