/** A set's files as wholes: its manifest, and all of its audio as a zip that is made while it is sent. */
import { addAbortSignal, Readable } from 'node:stream';
import { type ItemRow, manifestKeys, type SetSummary } from '@setlist/contracts';
import { type ObjectStore, StoreError } from '@setlist/storage';
import { ZipFile } from 'yazl';
import { z } from 'zod';
import type { Api, ConsoleDeps } from '../http/deps.ts';
import { setFor } from '../http/guard.ts';
import { notFound } from '../http/problem.ts';
import { rowsOf } from './items.ts';
import { refusals, setParams } from './parts.ts';

const MANIFEST_TYPES = { json: 'application/json', csv: 'text/csv; charset=utf-8' } as const;
/** Files opened ahead of the one that is being sent. */
const AHEAD = 4;

export function fileRoutes(api: Api, deps: ConsoleDeps): void {
  for (const form of ['json', 'csv'] as const) {
    api.get(
      `/sets/:setId/manifest.${form}`,
      {
        schema: {
          tags: ['files'],
          summary: `The manifest of a set that has ended, as ${form}`,
          params: setParams,
        },
      },
      async ({ params: { setId }, caller }, reply) => {
        const { store, prefix } = await filesOf(setFor(caller, deps.mirror, setId));
        try {
          const body = await store.get(manifestKeys(prefix)[form]);
          return reply.type(MANIFEST_TYPES[form]).send(Buffer.from(body));
        } catch (error) {
          if (error instanceof StoreError && error.code === 'not-found')
            throw notFound(`manifest of ${setId} yet`);
          throw error;
        }
      },
    );
  }

  api.get(
    '/sets/:setId/audio.zip',
    {
      config: { scope: 'listen' },
      schema: {
        tags: ['files'],
        summary: 'All audio that the set has, as a zip',
        params: setParams,
        querystring: z.object({}),
        response: refusals,
      },
    },
    async (request, reply) => {
      const summary = setFor(request.caller, deps.mirror, request.params.setId);
      const { store } = await filesOf(summary);
      const zip = new ZipFile();
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      addAll(zip, { store, rows: rowsOf(deps, summary, 0), signal: gone.signal }).catch((error: unknown) => {
        if (gone.signal.aborted) return;
        request.log.warn({ err: error }, 'a zip could not be finished');
        reply.raw.destroy();
      });
      const name = `${encodeURIComponent(summary.set.name)}.zip`;
      reply.raw.setHeader('content-disposition', `attachment; filename*=UTF-8''${name}`);
      return reply.type('application/zip').send(zip.outputStream as never);
    },
  );

  async function filesOf(summary: SetSummary): Promise<{ store: ObjectStore; prefix: string }> {
    const acceptance = await deps.acceptanceOf(summary);
    if (acceptance === undefined) throw notFound(`file of ${summary.setId}, which was refused`);
    return { store: deps.outputOf(acceptance.data.output), prefix: acceptance.data.prefix };
  }
}

interface Contents {
  readonly store: ObjectStore;
  readonly rows: AsyncIterable<ItemRow>;
  /** Aborts when nobody takes it any more. */
  readonly signal: AbortSignal;
}

/** Adds the files one after another, as fast as they are taken, so that few of them are held at once. */
async function addAll(zip: ZipFile, { store, rows, signal }: Contents): Promise<void> {
  const underWay = new Set<Promise<void>>();
  const ended = Promise.withResolvers<never>();
  // Whoever waits hears of it; it must not end the process where nobody does just then.
  ended.promise.catch(() => undefined);
  signal.addEventListener('abort', () => ended.reject(signal.reason), { once: true });
  for await (const { file, state } of rows) {
    if (state !== 'completed') continue;
    const sent = Promise.withResolvers<void>();
    // Speech is compressed already: it is packed as it is.
    zip.addReadStreamLazy(file, { compress: false }, (take) => {
      const body = addAbortSignal(signal, Readable.from(store.read(file)));
      body.once('end', () => sent.resolve()).once('error', ended.reject);
      take(null, body);
    });
    const done = sent.promise.finally(() => underWay.delete(done));
    underWay.add(done);
    if (underWay.size >= AHEAD) await Promise.race([ended.promise, ...underWay]);
  }
  zip.end();
  await Promise.race([ended.promise, Promise.all(underWay)]);
}
