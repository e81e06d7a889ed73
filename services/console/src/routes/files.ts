/** A set's files as wholes: its manifest, and all of its audio as a zip that is made while it is sent. */
import { addAbortSignal, Readable } from 'node:stream';
import { type ItemRow, MANIFEST_TYPES, manifestKeys, type SetSummary } from '@setlist/contracts';
import { readManifestHeader } from '@setlist/sets';
import { type ObjectStore, StoreError } from '@setlist/storage';
import { ZipFile } from 'yazl';
import { z } from 'zod';
import type { Api, ConsoleDeps } from '../http/deps.ts';
import { audioGuard, setFor } from '../http/guard.ts';
import { HttpProblem, notFound } from '../http/problem.ts';
import { rowsKnownTo, rowsOf } from './items.ts';
import { GONE_REMEDY, refusals, setParams } from './parts.ts';

/** Files opened ahead of the one that is being sent. */
const AHEAD = 4;
/** In the zip, the files that are not. */
const MISSING = 'MISSING.txt';

export function fileRoutes(api: Api, deps: ConsoleDeps): void {
  manifestRoutes(api, deps);
  zipRoute(api, deps);
}

function manifestRoutes(api: Api, deps: ConsoleDeps): void {
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
        const body = await manifestOf(deps, setFor(caller, deps.mirror, setId), form);
        if (body === undefined) throw noManifest(setId);
        return reply.type(MANIFEST_TYPES[form]).send(Buffer.from(body));
      },
    );
  }
}

function zipRoute(api: Api, deps: ConsoleDeps): void {
  const mustBeAllowed = audioGuard(deps.settings);
  api.get(
    '/sets/:setId/audio.zip',
    {
      config: { scope: 'listen' },
      schema: {
        tags: ['files'],
        summary: `All audio that the set has, as a zip; ${MISSING} in it names what is no longer there`,
        params: setParams,
        querystring: z.object({}),
        response: refusals,
      },
    },
    async (request, reply) => {
      mustBeAllowed(request);
      const summary = setFor(request.caller, deps.mirror, request.params.setId);
      const { store } = await filesOf(deps, summary);
      await rowsKnownTo(deps, summary);
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
}

/**
 * Nothing where the manifest that lies there is another set's, as after a later run under the same prefix. Only the JSON
 * says whose it is, and the tracker writes it last: looked at after the body, it gives a JSON of another set away for
 * certain, and a CSV unless that other set's JSON is being written just then.
 */
async function manifestOf(
  deps: ConsoleDeps,
  summary: SetSummary,
  form: keyof typeof MANIFEST_TYPES,
): Promise<Uint8Array | undefined> {
  const { store, prefix } = await filesOf(deps, summary);
  const keys = manifestKeys(prefix);
  try {
    const body = await store.get(keys[form]);
    const header = await readManifestHeader(store.read(keys.json));
    return header?.setId === summary.setId ? body : undefined;
  } catch (error) {
    if (error instanceof StoreError && error.code === 'not-found') return undefined;
    throw error;
  }
}

async function filesOf(
  deps: ConsoleDeps,
  summary: SetSummary,
): Promise<{ store: ObjectStore; prefix: string }> {
  const acceptance = await deps.acceptanceOf(summary);
  if (acceptance === undefined) throw notFound(`file of ${summary.setId}, which was refused`);
  return { store: deps.outputOf(acceptance.data.output), prefix: acceptance.data.prefix };
}

const noManifest = (setId: string): HttpProblem =>
  new HttpProblem(404, {
    code: 'no-manifest',
    detail: `no manifest of ${setId} lies beside its audio`,
    remedy:
      'Ask again when the set has ended; where a later run has the same output-prefix, its manifest took the place.',
  });

interface Contents {
  readonly store: ObjectStore;
  readonly rows: AsyncIterable<ItemRow>;
  /** Aborts when nobody takes it any more. */
  readonly signal: AbortSignal;
}

/**
 * Adds the files one after another, as fast as they are taken, so that few of them are held at once. What is gone is
 * named instead; any other failure ends the zip, since nobody could tell what it lacks.
 */
async function addAll(zip: ZipFile, { store, rows, signal }: Contents): Promise<void> {
  const underWay = new Set<Promise<void>>();
  const missing: string[] = [];
  const ended = Promise.withResolvers<never>();
  // Whoever waits hears of it; it must not end the process where nobody does just then.
  ended.promise.catch(() => undefined);
  signal.addEventListener('abort', () => ended.reject(signal.reason), { once: true });
  for await (const { file, state } of rows) {
    if (state !== 'completed') continue;
    if ((await store.head(file)) === undefined) {
      missing.push(file);
      continue;
    }
    const sent = Promise.withResolvers<void>();
    // Speech is compressed already: it is packed as it is.
    zip.addReadStreamLazy(nameInZip(file), { compress: false }, (take) => {
      const body = addAbortSignal(signal, Readable.from(store.read(file)));
      body.once('end', () => sent.resolve()).once('error', ended.reject);
      take(null, body);
    });
    const done = sent.promise.finally(() => underWay.delete(done));
    underWay.add(done);
    if (underWay.size >= AHEAD) await Promise.race([ended.promise, ...underWay]);
  }
  if (missing.length > 0) zip.addBuffer(listOf(missing), MISSING, { compress: false });
  zip.end();
  await Promise.race([ended.promise, Promise.all(underWay)]);
}

/** A set may be named as if it were a drive, which no file of a zip may be on. */
const nameInZip = (file: string): string => file.replace(/^([a-zA-Z]):/, '$1_');

const listOf = (missing: readonly string[]): Buffer =>
  Buffer.from(
    `These files are no longer where they were put, and are not in this zip. ${GONE_REMEDY}\n\n${missing.join('\n')}\n`,
  );
