/** Tells which lost connections may have brought the provider a whole request, which it may then have billed. */
import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';

const sentWhole = new WeakSet<object>();

// Only here does an error come with its request: the SDK passes on the error alone.
subscribe('http.client.request.error', (message) => {
  const { request, error } = message as { request: ClientRequest; error: NodeJS.ErrnoException };
  // A connection that lay idle may have been closed before the request.
  const { writableFinished, reusedSocket } = request;
  if (error.code === 'ECONNRESET' && writableFinished && !reusedSocket) sentWhole.add(error);
});

/** Whether the error is a reset of a new connection, after the whole request and before any answer. */
export const wasSentWhole = (error: unknown): boolean => error instanceof Error && sentWhole.has(error);
