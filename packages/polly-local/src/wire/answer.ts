/** Writes replies as Polly does: audio as a stream, JSON, errors by name in a header. */
import type { Reply } from '../operations/operation.ts';
import type { ApiError } from './api-error.ts';
import { breakOff, type Response, replyOver } from './http1-and-2.ts';

/** @returns whether the whole reply reached the connection. */
export async function answer(response: Response, requestId: string, reply: Reply): Promise<boolean> {
  if (reply.kind === 'json') return sendJson(response, 200, reply.body, { 'x-amzn-requestid': requestId });
  response.writeHead(200, audioHeaders(requestId, reply));
  return ended(response, () => response.end(reply.bytes));
}

/** Sends the first half of the audio and breaks off the connection. */
export async function answerCut(
  response: Response,
  requestId: string,
  reply: Extract<Reply, { kind: 'audio' }>,
): Promise<void> {
  response.writeHead(200, audioHeaders(requestId, reply));
  const half = Buffer.from(reply.bytes.subarray(0, reply.bytes.length >> 1));
  const { promise: sent, resolve } = Promise.withResolvers<void>();
  response.write(half, () => resolve());
  await Promise.race([sent, replyOver(response)]);
  breakOff(response);
}

export function answerError(
  response: Response,
  requestId: string,
  { code, status, message }: ApiError,
): Promise<boolean> {
  return sendJson(response, status, { message }, { 'x-amzn-requestid': requestId, 'x-amzn-errortype': code });
}

export function sendJson(
  response: Response,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<boolean> {
  // The rest of an oversized body is never read, so nothing can follow it. HTTP/2 has a stream for each call.
  const last = status === 413 && !response.stream ? { connection: 'close' } : {};
  response.writeHead(status, { 'content-type': 'application/json', ...headers, ...last });
  return ended(response, () => response.end(JSON.stringify(body)));
}

/** Without a length, like Polly's: a client learns only from the stream's end whether it has everything. */
function audioHeaders(requestId: string, { contentType, paid }: Extract<Reply, { kind: 'audio' }>) {
  return {
    'content-type': contentType,
    'x-amzn-requestid': requestId,
    'x-amzn-requestcharacters': String(paid.characters),
  };
}

function ended(response: Response, end: () => void): Promise<boolean> {
  const over = replyOver(response);
  end();
  return over;
}
