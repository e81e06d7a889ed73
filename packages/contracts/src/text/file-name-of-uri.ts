/** The file name to show to people, from the address that an event gives. */
import { uriDecoded } from './uri-decoded.ts';

/**
 * The last part of a `file:` URI, an `s3://bucket/key` or a path. Only `file:` URIs are percent-encoded; a key is taken
 * literally, whatever characters it holds.
 */
export function fileNameOfUri(uri: string): string {
  const parts = uri.split(uri.startsWith('s3:') ? '/' : /[/\\]/);
  const name = parts.findLast((part) => part !== '') ?? uri;
  // With a stray percent sign, the name is taken literally.
  return uri.startsWith('file:') ? (uriDecoded(name) ?? name) : name;
}
