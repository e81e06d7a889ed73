/** One port for HTTP/1.1 and cleartext HTTP/2: the SDK's default client uses HTTP/2, everything else HTTP/1.1. */
import { once } from 'node:events';
import { createServer as createHttp1, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, createServer, type Socket } from 'node:net';

export type Request = IncomingMessage;
/** HTTP/2 replies have the same methods, and a stream that can be reset without closing the whole connection. */
export type Response = ServerResponse & { readonly stream?: ServerHttp2Stream };
/** Settles when the reply has been written or abandoned. */
export type Handler = (request: Request, response: Response) => Promise<void>;

/** Closing it lets fully received calls finish, then ends every connection. */
export type DualServer = AsyncDisposable & {
  /** `http://host:port`. */
  readonly url: string;
  readonly port: number;
};

/** The first bytes of every HTTP/2 connection (RFC 9113, section 3.4); no HTTP/1.1 method begins so. */
const HTTP2_PREFACE = 'PRI';
const SILENT_CONNECTION_MS = 30_000;

/** @param port 0 picks a free one. @throws the error of `listen`, such as EADDRINUSE. */
export async function listenHttp1And2(host: string, port: number, handler: Handler): Promise<DualServer> {
  const answering = new Map<Promise<void>, { request: Request; response: Response }>();
  let closing = false;
  const answer = (request: Request, response: Response) => {
    if (closing) {
      response.destroy();
      return;
    }
    const done = handler(request, response).finally(() => answering.delete(done));
    answering.set(done, { request, response });
  };
  const http1 = createHttp1(answer);
  const http2 = createHttp2();
  http2.on('request', answer as (request: unknown, response: unknown) => void);
  http1.keepAliveTimeout = 60_000;
  // It doesn't listen itself; without this event it would never check for requests whose headers don't arrive.
  http1.emit('listening');
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // A client that resets its connection is not our fault, and the request's handler sees it close.
    socket.on('error', () => socket.destroy());
    onFirstBytes(socket, (first) => {
      const protocol = first.toString('latin1', 0, HTTP2_PREFACE.length) === HTTP2_PREFACE ? http2 : http1;
      protocol.emit('connection', socket);
    });
  });
  await once(server.listen({ host, port }), 'listening');
  const bound = server.address() as AddressInfo;
  const shownHost = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
  return {
    port: bound.port,
    url: `http://${shownHost}:${bound.port}`,
    async [Symbol.asyncDispose]() {
      closing = true;
      const closed = once(server, 'close');
      server.close();
      for (const { request, response } of answering.values()) if (!request.complete) breakOff(response);
      await Promise.all(answering.keys());
      http1.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Peeks at the first bytes of a connection, which can still be read after; a silent connection is ended. */
function onFirstBytes(socket: Socket, show: (first: Buffer) => void): void {
  socket.setTimeout(SILENT_CONNECTION_MS, () => socket.destroy());
  socket.once('readable', () => {
    socket.setTimeout(0);
    socket.removeAllListeners('timeout');
    const first: Buffer | null = socket.read();
    if (first === null) {
      socket.destroy();
      return;
    }
    socket.unshift(first);
    show(first);
  });
}

/** Settles when a reply is over: true if all of it was sent, false if the caller disconnected before. */
export function replyOver(response: Response): Promise<boolean> {
  const { stream } = response;
  if ((stream ?? response).destroyed) return Promise.resolve(false);
  const { promise, resolve } = Promise.withResolvers<boolean>();
  // A reply over HTTP/2 emits "finish" whether or not it was finished: only its stream knows.
  if (stream) stream.once('close', () => resolve(!stream.aborted && stream.rstCode === 0));
  else response.once('close', () => resolve(response.writableFinished));
  return promise;
}

/** Ends a reply in the middle, as a broken connection would. */
export function breakOff(response: Response): void {
  if (response.stream) response.stream.close(2 /* INTERNAL_ERROR, RFC 9113 section 7 */);
  else response.destroy();
}
