/** Writes bodies that come in pieces to S3: small ones in one request, others in a multipart upload. */
import { hash } from 'node:crypto';
import type { CompletedPart, CreateMultipartUploadCommandInput } from '@aws-sdk/client-s3';
import type { S3 } from './client.ts';
import type { Write } from './conditions.ts';

/** S3 takes 10,000 parts, each of at least 5 MiB: with this size 80 GB in all. Two parts are in memory at a time. */
const PART_BYTES = 8 * 1024 * 1024;

type WholeOrParts = Uint8Array | AsyncIterable<Uint8Array>;

/**
 * Gives `write` the whole body if it fits into one part, otherwise its parts for {@link uploadParts}. Ends the pieces
 * afterwards, also on failure, so that a file that they come from is closed.
 */
export async function writePieces<T>(
  pieces: AsyncIterable<Uint8Array>,
  write: (body: WholeOrParts) => Promise<T>,
): Promise<T> {
  const parts = partsOf(pieces);
  try {
    return await write(await wholeOrParts(parts));
  } finally {
    await parts.return(undefined);
  }
}

async function wholeOrParts(parts: AsyncGenerator<Uint8Array>): Promise<WholeOrParts> {
  const [first, second] = [await parts.next(), await parts.next()];
  if (first.done) return new Uint8Array();
  if (second.done) return first.value;
  return startingWith([first.value, second.value], parts);
}

async function* startingWith(
  first: Uint8Array[],
  rest: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  for (let part = first.shift(); part; part = first.shift()) yield part;
  yield* rest;
}

async function* partsOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    waiting.push(piece);
    bytes += piece.length;
    if (bytes < PART_BYTES) continue;
    yield Buffer.concat(waiting);
    waiting = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(waiting);
}

/**
 * Uploads parts, each with its SHA-256; the object appears when `finish` sends the last request. If anything fails, or
 * `finish` does not write the object, the upload is aborted so that nobody pays for storing its parts.
 *
 * @returns what `finish` returns: whether the object was written
 */
export async function uploadParts(
  { sdk, client }: S3,
  {
    target,
    finish,
  }: { target: CreateMultipartUploadCommandInput; finish: (write: Write) => Promise<boolean> },
  parts: AsyncIterable<Uint8Array>,
): Promise<boolean> {
  const { Bucket, Key } = target;
  const begun = await client.send(
    new sdk.CreateMultipartUploadCommand({ ...target, ChecksumAlgorithm: 'SHA256' }),
  );
  const upload = { Bucket, Key, UploadId: begun.UploadId };
  // The caller needs the first error; if this fails too, a lifecycle rule of the bucket removes the parts.
  const giveUp = () => client.send(new sdk.AbortMultipartUploadCommand(upload)).catch(() => undefined);
  try {
    const done: CompletedPart[] = [];
    for await (const part of parts) {
      const PartNumber = done.length + 1;
      const ChecksumSHA256 = hash('sha256', part, 'base64');
      const { ETag } = await client.send(
        new sdk.UploadPartCommand({ ...upload, PartNumber, Body: part, ChecksumSHA256 }),
      );
      done.push({ PartNumber, ChecksumSHA256, ...(ETag === undefined ? {} : { ETag }) });
    }
    const whole = { ...upload, MultipartUpload: { Parts: done } };
    const isWritten = await finish((condition) =>
      client.send(new sdk.CompleteMultipartUploadCommand({ ...whole, ...condition })),
    );
    if (!isWritten) await giveUp();
    return isWritten;
  } catch (error) {
    await giveUp();
    throw error;
  }
}
