/** Receives set files: each is written to a temporary file as it arrives, so that none has to fit into the heap. */
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

/** Most uploads per caller at a time: more than a client that awaits answers has. Each is a file on disk. */
export const MOST_UPLOADS = 20;

/** A set file that was sent; it is deleted once its request is answered. */
export type Upload = LocalFile & {
  readonly sha256: string;
  /** Its place among those that its caller can have at a time. */
  readonly place: Disposable;
};

/** Media types that the API description lists. Any is accepted: the name says whether it is YAML or JSON. */
export const SET_FILE_TYPES = ['application/yaml', 'application/json', 'text/plain'];

/** Receives the bodies of all routes that are added after this as set files of at most `maxBytes`. */
export function takeUploads(api: Api, maxBytes: number): void {
  const uploads = new PerCaller(MOST_UPLOADS, tooMany);
  api.removeAllContentTypeParsers();
  api.addContentTypeParser('*', async (request: FastifyRequest, payload: IncomingMessage) => {
    const place = uploads.take(request.caller.name);
    try {
      return { ...(await received(request, payload, maxBytes)), place };
    } catch (error) {
      place[Symbol.dispose]();
      throw findsNoRoom(error) ? noRoom(request, error) : error;
    }
  });
  // The body's schema is for the API description only: the text is checked as a set file, later.
  api.setValidatorCompiler((route) =>
    route.httpPart === 'body' ? (value) => ({ value }) : validatorCompiler(route as never),
  );
  // Not `onResponse`, which doesn't run for a client that has left. By now the route has read the file.
  api.addHook('onSend', async ({ body }) => {
    if (!isUpload(body)) return;
    body.place[Symbol.dispose]();
    await remove(body.path);
  });
}

/** Throws an {@link HttpProblem} if nothing was sent. */
export function uploadOf({ body }: { readonly body: unknown }): Upload {
  if (isUpload(body) && body.bytes > 0) return body;
  throw new HttpProblem(400, {
    code: 'no-set-file',
    detail: 'the request has no set file',
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
    detail: `one caller can have ${MOST_UPLOADS} set files in progress at a time`,
    remedy: 'Wait for the answer to one of them, then send this one again.',
    headers: { 'retry-after': '2', connection: 'close' },
  });

/** The temporary folder is full, may not be written to, or is missing. */
const NO_ROOM = ['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'ENOENT', 'ENOTDIR'];
const findsNoRoom = (error: unknown): error is Error =>
  NO_ROOM.includes((error as NodeJS.ErrnoException).code ?? '');

/** The error's own message names a folder, which only the operator may see: it is logged. */
function noRoom({ log }: FastifyRequest, cause: Error): HttpProblem {
  const remedy = `Make ${tmpdir()} writable and large enough, or name another folder in TMPDIR: it holds the set files that are being checked.`;
  log.warn({ code: 'no-room', remedy, err: cause }, 'a set file found no room');
  const said = {
    code: 'no-room',
    detail: 'there is no room for the set file just now',
    remedy: 'Send it again in a moment; if that lasts, see the console’s log.',
    headers: { 'retry-after': '5', connection: 'close' },
  };
  return new HttpProblem(503, said, { cause });
}

const tooLarge = (maxBytes: number): HttpProblem =>
  new HttpProblem(413, {
    code: 'body-too-large',
    detail: `a set file sent here can have at most ${maxBytes} bytes`,
    remedy: 'Split the set, or ask the operator to raise MAX_SET_FILE.',
    headers: { connection: 'close' },
  });
