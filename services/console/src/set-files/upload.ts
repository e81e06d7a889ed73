/** Set files as they are sent: written to a file of their own while they come, so that none has to fit into memory. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { LocalFile } from '@setlist/admission';
import type { FastifyRequest } from 'fastify';
import { validatorCompiler } from 'fastify-type-provider-zod';
import type { Api } from '../http/deps.ts';
import { PerCaller } from '../http/per-caller.ts';
import { HttpProblem } from '../http/problem.ts';

/** More than anybody has at a time who waits for answers; each is a file on the disk. */
export const MOST_UPLOADS = 20;

/** A set file that was sent; it is gone when its request has an answer. */
export type Upload = LocalFile & {
  readonly sha256: string;
  /** Among those that its caller may have at a time. */
  readonly place: Disposable;
};

/** Media types under which a set file is sent; what it is, its name says. */
export const SET_FILE_TYPES = ['application/yaml', 'application/json', 'text/plain'];

/** Takes the bodies of all routes that are added here from now on as set files of at most so many bytes. */
export function takeUploads(api: Api, maxBytes: number): void {
  const uploads = new PerCaller(MOST_UPLOADS, tooMany);
  api.removeAllContentTypeParsers();
  api.addContentTypeParser('*', async (request: FastifyRequest, payload: IncomingMessage) => {
    const place = uploads.take(request.caller.name);
    try {
      return { ...(await received(request, payload, maxBytes)), place };
    } catch (error) {
      place[Symbol.dispose]();
      throw error;
    }
  });
  // The body's schema is for the description: its text is checked as a set file, not here.
  api.setValidatorCompiler((route) =>
    route.httpPart === 'body' ? (value) => ({ value }) : validatorCompiler(route as never),
  );
  // Not `onResponse`: there is none for a client that has left. Whoever answers has read the file.
  api.addHook('onSend', async ({ body }) => {
    if (!isUpload(body)) return;
    body.place[Symbol.dispose]();
    await remove(body.path);
  });
}

/** Throws an {@link HttpProblem} where nothing was sent. */
export function uploadOf({ body }: { readonly body: unknown }): Upload {
  if (isUpload(body) && body.bytes > 0) return body;
  throw new HttpProblem(400, {
    code: 'no-set-file',
    detail: 'there is no set file in this request',
    remedy: 'Send the text of the set file as the body.',
  });
}

export const isUpload = (body: unknown): body is Upload =>
  typeof body === 'object' && body !== null && 'path' in body && 'sha256' in body;

async function received(
  request: FastifyRequest,
  payload: IncomingMessage,
  maxBytes: number,
): Promise<Omit<Upload, 'place'>> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const path = join(await mkdtemp(join(tmpdir(), 'setlist-upload-')), 'set-file');
  const hash = createHash('sha256');
  let bytes = 0;
  const counted = async function* (pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces) {
      bytes += piece.length;
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      hash.update(piece);
      yield piece;
    }
  };
  try {
    await pipeline(payload, counted, createWriteStream(path));
  } catch (error) {
    await remove(path);
    throw error;
  }
  return { path, bytes, sha256: hash.digest('hex') };
}

const remove = (path: string): Promise<void> => rm(dirname(path), { recursive: true, force: true });

const tooMany = (): HttpProblem =>
  new HttpProblem(429, {
    code: 'too-many-uploads',
    detail: `one caller may have ${MOST_UPLOADS} set files sent or being sent that have no answer yet`,
    remedy: 'Wait for the answer to one of them, then send this one again.',
    headers: { 'retry-after': '2', connection: 'close' },
  });

const tooLarge = (maxBytes: number): HttpProblem =>
  new HttpProblem(413, {
    code: 'body-too-large',
    detail: `a set file that is sent here may have ${maxBytes} bytes`,
    remedy: 'Split the set, or have the operator raise MAX_SET_FILE.',
    headers: { connection: 'close' },
  });
