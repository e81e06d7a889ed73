/** A set's events: as stored in the log, or condensed to its whole history. */
import { subjects } from '@setlist/contracts';
import { z } from 'zod';
import { cursorOf, numberCursor } from '../domain/cursor.ts';
import { refusalFor, type SetFileProblem } from '../domain/set-file-problem.ts';
import { timelineJson, timelineSchema } from '../domain/timeline.ts';
import { untilCallerLeaves } from '../http/caller-left.ts';
import type { Api, ConsoleDeps } from '../http/deps.ts';
import { countDownload } from '../http/downloads.ts';
import { isUnchanged, versionOf } from '../http/etag.ts';
import { setFor } from '../http/guard.ts';
import { refusals } from '../http/problem.ts';
import { depsUntil, inPieces, takeTurn, wholeRead } from '../http/whole-reads.ts';
import { limit, setParams } from './parts.ts';

const eventsPage = z.object({
  events: z.array(
    z.object({
      seq: z.int().describe('place in the log'),
      storedAt: z.iso.datetime().describe('the broker’s clock'),
      event: z.record(z.string(), z.unknown()).describe('the CloudEvent as stored'),
    }),
  ),
  next: z.string().optional().describe('`cursor` of the next page'),
});

/** The fields used here, of an event of any version. */
interface Stored extends Record<string, unknown> {
  readonly data?: { readonly problems?: readonly SetFileProblem[] };
}

export function eventRoutes(api: Api, deps: ConsoleDeps): void {
  eventsRoute(api, deps);
  timelineRoute(api, deps);
}

function eventsRoute(api: Api, deps: ConsoleDeps): void {
  api.get(
    '/sets/:setId/events',
    {
      schema: {
        tags: ['events'],
        summary: 'Events of a set, in the log’s order',
        params: setParams,
        querystring: z.object({
          type: z
            .string()
            .max(100)
            .optional()
            .describe('only events of this type, such as setlist.item.failed.v1'),
          limit: limit(1_000, 100),
          cursor: numberCursor.optional(),
        }),
        response: { 200: eventsPage, ...refusals },
      },
    },
    async ({ params: { setId }, query: { type, limit: most, cursor: from = 1 }, caller }, reply) => {
      setFor(caller, deps.mirror, setId);
      return wholeRead({ deps, reply }, async ({ log }): Promise<z.infer<typeof eventsPage>> => {
        const events: z.infer<typeof eventsPage>['events'] = [];
        const selection = { subjects: [subjects.ofSet(setId)], from: Math.max(1, from) };
        for await (const { seq, time, raw, problem } of log.read(selection)) {
          // It can't be shown as stored; `audit verify` reports it.
          if (problem?.code === 'not-json' || problem?.code === 'not-cloudevents') continue;
          const event = JSON.parse(Buffer.from(raw).toString()) as Stored;
          if (type !== undefined && event.type !== type) continue;
          if (events.length === most) return { events, next: cursorOf(seq) };
          const data = Array.isArray(event.data?.problems) ? refusalFor(caller, event.data) : event.data;
          events.push({ seq, storedAt: time.toISOString(), event: { ...event, data } });
        }
        return { events };
      });
    },
  );
}

function timelineRoute(api: Api, deps: ConsoleDeps): void {
  api.get(
    '/sets/:setId/timeline',
    {
      // HEAD would read all of it, too.
      exposeHeadRoute: false,
      schema: {
        tags: ['events'],
        summary: 'The whole history of a set, condensed for a slider over its past',
        params: setParams,
        response: { 200: timelineSchema, 304: z.void(), ...refusals },
      },
    },
    async (request, reply) => {
      const summary = setFor(request.caller, deps.mirror, request.params.setId);
      if (isUnchanged(request, reply, versionOf(summary))) return reply.send();
      const { setId } = summary;
      countDownload(request.caller.name, reply);
      const signal = untilCallerLeaves(reply);
      const { log } = depsUntil(deps, signal);
      const records = log.read({ subjects: [subjects.ofSet(setId)] });
      const pieces = await inPieces(timelineJson(setId, records, () => takeTurn(deps, signal)));
      return reply.type('application/json; charset=utf-8').send(pieces as never);
    },
  );
}
