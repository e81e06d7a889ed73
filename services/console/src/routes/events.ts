/** A set's events: as they stand in the log, or its whole history in short. */
import { subjects } from '@setlist/contracts';
import { z } from 'zod';
import { cursorOf, numberCursor } from '../domain/cursor.ts';
import { timelineOf, timelineSchema } from '../domain/timeline.ts';
import type { Api, ConsoleDeps } from '../http/deps.ts';
import { setFor } from '../http/guard.ts';
import { isUnchanged, limit, refusals, setParams } from './parts.ts';

const eventsPage = z.object({
  events: z.array(
    z.object({
      seq: z.int().describe('place in the log'),
      storedAt: z.iso.datetime().describe('the broker’s clock'),
      event: z.record(z.string(), z.unknown()).describe('a CloudEvent, as it is stored'),
    }),
  ),
  next: z.string().optional().describe('`cursor` of the next page'),
});

export function eventRoutes(api: Api, { mirror, log }: ConsoleDeps): void {
  api.get(
    '/sets/:setId/events',
    {
      schema: {
        tags: ['events'],
        summary: 'Events of a set, in the log’s order',
        params: setParams,
        querystring: z.object({
          type: z.string().max(100).optional().describe('only this type, such as setlist.item.failed.v1'),
          limit: limit(1_000, 100),
          cursor: numberCursor.optional(),
        }),
        response: { 200: eventsPage, ...refusals },
      },
    },
    async ({ params: { setId }, query, caller }) => {
      setFor(caller, mirror, setId);
      const events: z.infer<typeof eventsPage>['events'] = [];
      const records = log.read({ subjects: [subjects.ofSet(setId)], from: Math.max(1, query.cursor ?? 1) });
      for await (const { seq, time, raw } of records) {
        const event = JSON.parse(Buffer.from(raw).toString()) as Record<string, unknown>;
        if (query.type !== undefined && event.type !== query.type) continue;
        if (events.length === query.limit) return { events, next: cursorOf(seq) };
        events.push({ seq, storedAt: time.toISOString(), event });
      }
      return { events };
    },
  );

  api.get(
    '/sets/:setId/timeline',
    {
      schema: {
        tags: ['events'],
        summary: 'The whole history of a set in short: what a slider over its past needs',
        params: setParams,
        response: { 200: timelineSchema, 304: z.void(), ...refusals },
      },
    },
    async (request, reply) => {
      const { setId, lastSeq } = setFor(request.caller, mirror, request.params.setId);
      if (isUnchanged(request, reply, lastSeq)) return reply.send();
      return reply.send(await timelineOf(setId, log.read({ subjects: [subjects.ofSet(setId)] })));
    },
  );
}
