/** Reads a request's JSON body, bounded. */
import { ApiError } from './api-error.ts';
import { breakOff, type Request, type Response } from './http1-and-2.ts';

/** In bytes: 200,000 characters of four bytes, each escaped, and room for the rest. */
const LARGEST_BODY = 4 * 1024 * 1024;

/** The time limit for a body, so that a caller that sends half of one is not waited for endlessly. */
const LONGEST_BODY_MS = 60_000;

/** @returns undefined when there is no body. @throws ApiError SerializationException; the request's own error when it breaks off. */
export async function readJson(request: Request, response: Response): Promise<unknown> {
  const tooLate = setTimeout(() => breakOff(response), LONGEST_BODY_MS);
  try {
    return jsonIn(await readBody(request));
  } finally {
    clearTimeout(tooLate);
  }
}

async function readBody(request: Request): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_BODY) {
      throw new ApiError('RequestEntityTooLargeException', `The body is larger than ${LARGEST_BODY} bytes`, {
        status: 413,
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function jsonIn(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new ApiError('SerializationException', 'The body is not JSON', { cause });
  }
}
