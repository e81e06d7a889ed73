/** Tells which lost connections had been sent a whole request. */
import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';

const sentWhole = new WeakSet<object>();

// Only here does an error come with its request: the SDK passes on the error alone.
subscribe('http.client.request.error', (message) => {
  const { request, error } = message as { request: ClientRequest; error: NodeJS.ErrnoException };
  if (error.code === 'ECONNRESET' && request.writableFinished) sentWhole.add(error);
});

/** Whether the error is a reset of a connection after the whole request and before any answer. */
export const wasSentWhole = (error: unknown): boolean => error instanceof Error && sentWhole.has(error);
