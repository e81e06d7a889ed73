/** The file name to show to people, from the address that an event gives. */

/**
 * The last part of a `file:` URI, an `s3://bucket/key` or a path. Only `file:` URIs are percent-encoded; a key is taken
 * literally, whatever characters it holds.
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
    // A stray percent sign: take the name literally.
    return text;
  }
}
