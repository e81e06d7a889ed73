/** Live changes by server-sent events: `Last-Event-ID` is a place in the log, after which no change is missed. */
import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Caller } from '../access/caller.ts';
import { untilCallerLeaves } from '../http/caller-left.ts';
import type { Api, ConsoleDeps } from '../http/deps.ts';
import { setFor } from '../http/guard.ts';
import { refusals } from '../http/problem.ts';
import type { Watcher } from '../watch/live-feed.ts';
import { openStreams } from '../watch/open-streams.ts';
import { setParams } from './parts.ts';

/** How often to send a sign of life, in ms: proxies close idle connections after about half a minute. */
const SIGN_OF_LIFE_MS = 15_000;
/** A watcher with more unread bytes than this is disconnected: it reconnects with the last id that it has read. */
const MOST_UNREAD_BYTES = 4_194_304;

/** How long to wait for a watcher to read the end of its stream, in ms, before cutting the connection. */
const LAST_WORDS_MS = 5_000;

const LONGEST_TIMER_MS = 2_147_483_647;

const query = z.object({
  set: setParams.shape.setId
    .optional()
    .describe('one set with its items; without it, all sets without their items'),
  since: z.coerce
    .number()
    .int()
    .nonnegative()
    .optional()
    .describe('like Last-Event-ID, for the first request'),
});

export function liveRoutes(api: Api, { mirror, feed }: ConsoleDeps): void {
  const streams = openStreams();
  api.get(
    '/live',
    {
      // HEAD would open a stream, too.
      exposeHeadRoute: false,
      schema: {
        tags: ['live'],
        summary: 'Changes as they happen (text/event-stream): hello, change, reset, behind',
        querystring: query,
        response: refusals,
      },
    },
    async (request, reply) => {
      const { set: setId, since } = request.query;
      const { caller } = request;
      if (setId !== undefined) setFor(caller, mirror, setId);
      const { 'last-event-id': last } = request.headers;
      const seen = typeof last === 'string' && /^\d{1,15}$/.test(last) ? Number(last) : since;
      const place = streams.take(caller.name);
      const { raw } = reply.hijack();
      // `close` handles the end. The client can have left while its token was being verified.
      raw.on('error', () => undefined);
      if (raw.closed || raw.destroyed) return place[Symbol.dispose]();
      raw.writeHead(200, {
        ...(reply.getHeaders() as Record<string, string>),
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
      const send = senderTo(raw, timeLeft(caller));
      const watcher: Watcher = {
        ...(setId === undefined ? {} : { setId }),
        caller,
        send,
      };
      raw.on('close', () => place[Symbol.dispose]());
      const left = untilCallerLeaves(reply);
      try {
        const watching = await feed.watch(watcher, seen, left);
        if (raw.closed) watching[Symbol.dispose]();
        else raw.on('close', () => watching[Symbol.dispose]());
      } catch (error) {
        if (left.aborted) return;
        request.log.warn({ err: error }, 'a watcher could not be served; it will reconnect');
        raw.destroy();
      }
    },
  );
}

/**
 * Sends frames and signs of life to a watcher until its token expires: then the connection ends, and the client
 * reconnects with a new token.
 */
function senderTo(raw: ServerResponse, forMs: number): (frame: string) => void {
  const send = (frame: string): void => {
    if (raw.writableEnded || raw.destroyed) return;
    if (raw.writableLength > MOST_UNREAD_BYTES) raw.destroy();
    else raw.write(frame);
  };
  const alive = setInterval(() => send(': alive\n\n'), SIGN_OF_LIFE_MS);
  const ends = setTimeout(() => {
    raw.end();
    setTimeout(() => raw.destroy(), LAST_WORDS_MS).unref();
  }, forMs);
  raw.on('close', () => {
    clearInterval(alive);
    clearTimeout(ends);
  });
  return send;
}

/** In ms, capped at the longest timer. */
const timeLeft = ({ until = Number.POSITIVE_INFINITY }: Caller): number =>
  Math.max(0, Math.min(until - Date.now(), LONGEST_TIMER_MS));
