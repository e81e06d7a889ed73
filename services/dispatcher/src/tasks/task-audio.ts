/** Where a task's audio is in the bucket, and the audio itself. */
import type { ObjectStore } from '@setlist/storage';
import { CallFailed } from '../adapters/failures.ts';

/** Nine hours of pcm at 16 kHz; at a usual pace, the longest text takes two, and some six in Chinese. */
const MOST_BYTES = 1024 ** 3;

/**
 * A task's audio, of which no more than a gibibyte is read.
 * @param billedCharacters how many were billed for the task, if that is certain
 * @throws CallFailed if it is larger; StoreError
 */
export async function taskAudio(
  store: ObjectStore,
  key: string,
  billedCharacters: number | undefined,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of store.read(key)) {
    bytes += piece.length;
    if (bytes > MOST_BYTES) throw tooLarge(store.locate(key), billedCharacters);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

const tooLarge = (where: string, billedCharacters: number | undefined): CallFailed =>
  new CallFailed({
    from: 'audio',
    code: 'audio-too-large',
    message: `the task’s audio is larger than 1 GiB: ${where}`,
    remedy:
      'If the text is long and spoken slowly, split it and submit the set again. Otherwise find out what else writes into that bucket, then run `setlist retry` for this set.',
    retryable: false,
    billed: true,
    ...(billedCharacters === undefined ? {} : { billedCharacters }),
  });

/**
 * The object key in an output URI, `https://s3.<region>.amazonaws.com/<bucket>/<key>`, `https://<bucket>.s3.…/<key>` or
 * `s3://<bucket>/<key>`; undefined if it names another bucket.
 */
export function keyIn(bucket: string, outputUri: string): string | undefined {
  const [, scheme, host = '', path = ''] = /^(https?|s3):\/\/([^/]+)\/(.*)$/.exec(outputUri) ?? [];
  const isInHost = scheme === 's3' ? host === bucket : host.startsWith(`${bucket}.s3`);
  if (isInHost) return decodeURIComponent(path);
  const isInPath = /^s3[.-]/.test(host) && path.startsWith(`${bucket}/`);
  return isInPath ? decodeURIComponent(path.slice(bucket.length + 1)) : undefined;
}
