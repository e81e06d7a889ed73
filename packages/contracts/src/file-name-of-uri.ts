/** The name of a file for people, from the address under which an event keeps it. */

/**
 * The last part of a `file:` URI, an `s3://bucket/key` or a path. Only the first is percent-encoded: a key stands as it
 * is, whatever characters it holds.
 */
export function fileNameOfUri(uri: string): string {
  const parts = uri.split(uri.startsWith('s3:') ? '/' : /[/\\]/);
  const name = parts.findLast((part) => part !== '') ?? uri;
  return uri.startsWith('file:') ? decoded(name) : name;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A stray percent sign: the name as it stands.
    return text;
  }
}
