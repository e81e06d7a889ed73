/** Where a task's audio is in the bucket, and the audio itself. */
import { type ObjectStore, StoreError } from '@setlist/storage';
import { CallFailed } from '../adapters/failures.ts';

/** Nine hours of pcm at 16 kHz; at a usual pace, the longest text takes two, and some six in Chinese. */
const MOST_BYTES = 1024 ** 3;

/** Waits until there is room in memory for so many bytes. */
export type Room = (bytes: number) => Promise<void>;

interface TaskAudio {
  readonly store: ObjectStore;
  readonly key: string;
  /** How many were billed for the task, if that is certain. */
  readonly billedCharacters: number | undefined;
}

/** A task's audio, unless it is larger than a gibibyte. @throws CallFailed if it is larger; StoreError */
export async function taskAudio(
  { store, key, billedCharacters }: TaskAudio,
  room: Room,
): Promise<Uint8Array> {
  // If there is none, the read says whether the audio or its bucket is missing.
  const { bytes } = (await store.head(key)) ?? { bytes: 0 };
  if (bytes > MOST_BYTES) throw tooLarge(store.locate(key), billedCharacters);
  await room(bytes);
  const audio = Buffer.allocUnsafe(bytes);
  let read = 0;
  for await (const piece of store.read(key)) {
    if (read + piece.length > bytes) throw replaced(store.locate(key));
    audio.set(piece, read);
    read += piece.length;
  }
  return audio.subarray(0, read);
}

const replaced = (where: string): StoreError =>
  new StoreError('unavailable', `${where} was written while it was being read.`, {
    remedy: 'It is read again; if that lasts, find out what else writes into that bucket.',
  });

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
