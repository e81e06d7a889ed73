/** A set's manifest, and all its audio as a zip that is made while it is sent. */
import { addAbortSignal, Readable } from 'node:stream';
import { type ItemRow, MANIFEST_TYPES, manifestKeys, type SetSummary } from '@setlist/contracts';
import { inParallel } from '@setlist/runtime';
import { readManifestHeader } from '@setlist/sets';
import { ifThere, type ObjectStore, sha256OfPieces } from '@setlist/storage';
import { ZipFile } from 'yazl';
import { z } from 'zod';
import type { Api, ConsoleDeps } from '../http/deps.ts';
import { countDownload } from '../http/downloads.ts';
import { audioGuard, setFor } from '../http/guard.ts';
import { HttpProblem, notFound, refusals } from '../http/problem.ts';
import { inPieces } from '../http/whole-reads.ts';
import { GONE_REMEDY, REPLACED_REMEDY } from './audio-remedies.ts';
import { rowsKnownTo, rowsOf } from './items.ts';
import { setParams } from './parts.ts';

/** Files that are being verified, or waiting to be sent, at a time. */
const AHEAD = 4;
/** The zip entry that lists files missing from the zip. */
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
        countDownload(caller.name, reply);
        const manifest = await manifestOf(deps, setFor(caller, deps.mirror, setId), form);
        if (manifest === undefined) throw noManifest(setId);
        const { body, bytes } = manifest;
        return reply
          .type(MANIFEST_TYPES[form])
          .header('content-length', bytes)
          .send(body as never);
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
        summary: `All audio of the set, as a zip; its ${MISSING} lists files that are gone or overwritten by another run`,
        params: setParams,
        querystring: z.object({}),
        response: refusals,
      },
    },
    async (request, reply) => {
      mustBeAllowed(request);
      countDownload(request.caller.name, reply);
      const summary = setFor(request.caller, deps.mirror, request.params.setId);
      const { store } = await filesOf(deps, summary);
      await rowsKnownTo(deps, summary);
      const zip = new ZipFile();
      const stop = new AbortController();
      reply.raw.once('close', () => stop.abort());
      addAll(zip, { store, rows: rowsOf(deps, summary, 0), stop }).catch((error: unknown) => {
        if (reply.raw.closed) return;
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
 * `undefined` if the manifest is another set's, as after a later run under the same prefix. Only the JSON names its
 * set, and the tracker writes it last. It is read after the version to send is chosen, so it always reveals another
 * set's JSON, and another set's CSV except while that set's JSON is being written.
 */
async function manifestOf(
  deps: ConsoleDeps,
  summary: SetSummary,
  form: keyof typeof MANIFEST_TYPES,
): Promise<{ body: Readable; bytes: number } | undefined> {
  const { store, prefix } = await filesOf(deps, summary);
  const keys = manifestKeys(prefix);
  const there = await store.head(keys[form]);
  const header = there && (await ifThere(readManifestHeader(store.read(keys.json))));
  if (there === undefined || header?.setId !== summary.setId) return undefined;
  const body = await ifThere(inPieces(store.read(keys[form], there.version)));
  return body && { body, bytes: there.bytes };
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
    detail: `there is no manifest of ${setId} beside its audio`,
    remedy:
      'Ask again when the set has ended; a later run with the same output-prefix replaces it with its own manifest.',
  });

interface Contents {
  readonly store: ObjectStore;
  readonly rows: AsyncIterable<ItemRow>;
  /** Aborts when the client has left; is aborted when the zip can't be finished. */
  readonly stop: AbortController;
}

/**
 * Adds files a few at a time, as fast as the client reads, so that few are held at once. Files that the run made but
 * that are not there are listed instead; any other failure breaks the zip off, since nobody could tell what it lacks.
 */
async function addAll(zip: ZipFile, { store, rows, stop }: Contents): Promise<void> {
  const { signal } = stop;
  const missing: Missing = { gone: [], replaced: [] };
  await inParallel(rows, AHEAD, async ({ file, state, sha256 }) => {
    signal.throwIfAborted();
    if (state !== 'completed') return;
    const there = await store.head(file);
    if (there === undefined) return void missing.gone.push(file);
    const read = (): AsyncIterable<Uint8Array> => store.read(file, there.version);
    if ((await sha256OfPieces(read(), signal)) !== sha256) return void missing.replaced.push(file);
    await sent(zip, { file, read, stop });
  });
  const text = listOf(missing);
  if (text !== '') zip.addBuffer(Buffer.from(text), MISSING, { compress: false });
  zip.end();
}

interface Packed {
  readonly file: string;
  /** Reads the very bytes that were verified, or fails. */
  readonly read: () => AsyncIterable<Uint8Array>;
  readonly stop: AbortController;
}

/** Resolves when the file has been read into the zip; rejects if the zip ends before. */
function sent(zip: ZipFile, { file, read, stop }: Packed): Promise<void> {
  const { signal } = stop;
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const giveUp = (): void => reject(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
    // Speech is compressed already, so it is stored uncompressed.
    zip.addReadStreamLazy(nameInZip(file), { compress: false }, (take) => {
      const body = addAbortSignal(signal, Readable.from(read()));
      body.once('error', (error) => stop.abort(error));
      body.once('end', () => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      });
      take(null, body);
    });
  });
}

/** A set's name can look like a drive letter, which the path of a zip entry must not have. */
const nameInZip = (file: string): string => file.replace(/^([a-zA-Z]):/, '$1_');

/** Files that the run made but that are missing from its zip. */
type Missing = Record<'gone' | 'replaced', string[]>;

const WHY = {
  gone: `These files are no longer where this run put them, and are not in this zip. ${GONE_REMEDY}`,
  replaced: `These files no longer hold this run’s audio, and are not in this zip: a later run, or someone else, has overwritten them. ${REPLACED_REMEDY}`,
} as const;

const listOf = (missing: Missing): string =>
  (['gone', 'replaced'] as const)
    .filter((why) => missing[why].length > 0)
    .map((why) => `${WHY[why]}\n\n${missing[why].join('\n')}\n`)
    .join('\n');
