/** Sets: all of them, or one as it is or was. */
import { setAsOf } from '@setlist/audit';
import { setSummarySchema } from '@setlist/contracts';
import { z } from 'zod';
import { cursor } from '../domain/cursor.ts';
import { listSets } from '../domain/list-sets.ts';
import { refusalFor } from '../domain/set-file-problem.ts';
import type { Api, ConsoleDeps } from '../http/deps.ts';
import { isUnchanged, versionOf } from '../http/etag.ts';
import { setFor } from '../http/guard.ts';
import { notFound, refusals } from '../http/problem.ts';
import { wholeRead } from '../http/whole-reads.ts';
import { limit, setParams } from './parts.ts';

const STATES = setSummarySchema.shape.state;

const listQuery = z.object({
  state: STATES.optional(),
  text: z.string().max(200).optional().describe('part of the name or id'),
  limit: limit(500, 100),
  cursor: cursor.optional(),
});

export const setsPage = z.object({
  sets: z.array(setSummarySchema),
  total: z.int().describe('how many sets match, on all pages'),
  position: z.int().describe('the place in the log up to which this is complete: watch from there'),
  next: z.string().optional().describe('`cursor` of the next page'),
});

export function setRoutes(api: Api, deps: ConsoleDeps): void {
  setsRoute(api, deps);
  setRoute(api, deps);
  asOfRoute(api, deps);
}

function setsRoute(api: Api, { mirror, feed }: ConsoleDeps): void {
  api.get(
    '/sets',
    {
      schema: {
        tags: ['sets'],
        summary: 'Sets, newest first',
        querystring: listQuery,
        response: { 200: setsPage, 304: z.void(), ...refusals },
      },
    },
    async (request, reply) => {
      const { cursor: after, ...query } = request.query;
      const { caller } = request;
      // Read before the list is made: changes that arrive meanwhile are then watched.
      const position = feed.position();
      const visible = [...mirror.all()].filter(({ set }) => caller.maySee(set.name));
      // Any event of one of them changes its chain, and with it the sum.
      const chains = visible.reduce((sum, { chain }) => sum + Number.parseInt(chain.head.slice(0, 8), 16), 0);
      if (isUnchanged(request, reply, `${position}-${chains}`)) return reply.send();
      const { sets, total, next } = listSets(visible, { ...query, after });
      const known = sets.map((set) => refusalFor(caller, set));
      return reply.send({ sets: known, total, position, ...(next === undefined ? {} : { next }) });
    },
  );
}

function setRoute(api: Api, { mirror }: ConsoleDeps): void {
  api.get(
    '/sets/:setId',
    {
      schema: {
        tags: ['sets'],
        summary: 'One set',
        params: setParams,
        response: { 200: setSummarySchema, 304: z.void(), ...refusals },
      },
    },
    async (request, reply) => {
      const summary = setFor(request.caller, mirror, request.params.setId);
      if (isUnchanged(request, reply, versionOf(summary))) return reply.send();
      return reply.send(summary);
    },
  );
}

function asOfRoute(api: Api, deps: ConsoleDeps): void {
  const { mirror } = deps;
  api.get(
    '/sets/:setId/as-of/:seq',
    {
      schema: {
        tags: ['sets'],
        summary: 'One set as it was at this place in the log',
        params: setParams.extend({ seq: z.coerce.number().int().positive() }),
        response: { 200: setSummarySchema, ...refusals },
      },
    },
    async ({ params: { setId, seq }, caller }, reply) => {
      setFor(caller, mirror, setId);
      const { sets } = await wholeRead({ deps, reply }, ({ log }) => setAsOf(log, { seq }, setId));
      const [summary] = sets;
      if (summary === undefined) throw notFound(`set ${setId} at ${seq}`);
      // A power cut of the broker can take what was there, and the place is given out again.
      return reply.header('cache-control', 'private, no-cache').send(refusalFor(caller, summary));
    },
  );
}
