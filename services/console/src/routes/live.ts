/** Live changes by server-sent events: `Last-Event-ID` is a place in the log, and nothing behind it is missed. */
import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Caller } from '../access/caller.ts';
import type { Api, ConsoleDeps } from '../http/deps.ts';
import { setFor } from '../http/guard.ts';
import type { Watcher } from '../watch/live-feed.ts';
import { openStreams } from '../watch/open-streams.ts';
import { refusals, setParams } from './parts.ts';

/** A connection through which nothing goes is ended by proxies after half a minute or so. */
const SIGN_OF_LIFE_MS = 15_000;
/** A watcher that lets so much pile up is let go: it comes back with the last id that it has read. */
const MOST_UNREAD_BYTES = 4_194_304;

/** One who reads nothing does not take the end either. */
const LAST_WORDS_MS = 5_000;

const LONGEST_TIMER_MS = 2_147_483_647;

const query = z.object({
  set: setParams.shape.setId.optional().describe('one set with its items; left out, all sets without them'),
  since: z.coerce.number().int().nonnegative().optional().describe('as Last-Event-ID, for a first request'),
});

export function liveRoutes(api: Api, { mirror, feed }: ConsoleDeps): void {
  const streams = openStreams();
  api.get(
    '/live',
    {
      // It would open a stream, too.
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
      // What its end does is told by `close`; it may have gone while its token was looked at.
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
      try {
        const watching = await feed.watch(watcher, seen);
        if (raw.closed) watching[Symbol.dispose]();
        else raw.on('close', () => watching[Symbol.dispose]());
      } catch (error) {
        request.log.warn({ err: error }, 'a watcher could not be served; it comes back by itself');
        raw.destroy();
      }
    },
  );
}

/**
 * Sends to one who watches, with signs of life in between, for as long as the caller may watch: who was let in by a token
 * is let go with it, and comes back with another.
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

/** In ms, as far as a timer reaches. */
const timeLeft = ({ until = Number.POSITIVE_INFINITY }: Caller): number =>
  Math.max(0, Math.min(until - Date.now(), LONGEST_TIMER_MS));
