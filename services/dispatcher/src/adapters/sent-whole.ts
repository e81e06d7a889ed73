/** Tells how far a request had got when its connection was lost. */
import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';

const sentWhole = new WeakSet<object>();
const neverConnected = new WeakSet<object>();

// Only here does an error come with its request: the SDK passes on the error alone.
subscribe('http.client.request.error', (message) => {
  const { request, error } = message as { request: ClientRequest; error: NodeJS.ErrnoException };
  // A request gets its socket once the proxy's tunnel is made.
  const socket = request.socket as (Socket & { readonly secureConnecting?: boolean }) | null;
  if (!socket || socket.secureConnecting) neverConnected.add(error);
  if (error.code === 'ECONNRESET' && request.writableFinished) sentWhole.add(error);
});

/** Whether the error is a reset of a connection after the whole request and before any answer. */
export const wasSentWhole = (error: unknown): boolean => error instanceof Error && sentWhole.has(error);

/** Whether the error came before there was a connection with agreed keys: nothing was sent. */
export const wasNeverConnected = (error: unknown): boolean =>
  error instanceof Error && neverConnected.has(error);
