/** A set's manifest, and all its audio as a zip that is made while it is sent. */
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { type ItemRow, MANIFEST_TYPES, manifestKeys, type SetSummary } from '@setlist/contracts';
import { readManifestHeader, rowsOf } from '@setlist/sets';
import { ifThere, type ObjectStore, sha256OfPieces } from '@setlist/storage';
import { z } from 'zod';
import { type ZippedFile, zipOf } from '../domain/zip.ts';
import { untilCallerLeaves } from '../http/caller-left.ts';
import type { Api, ConsoleDeps } from '../http/deps.ts';
import { countDownload } from '../http/downloads.ts';
import { audioGuard, setFor } from '../http/guard.ts';
import { HttpProblem, notFound, refusals } from '../http/problem.ts';
import { depsUntil, inPieces } from '../http/whole-reads.ts';
import { GONE_REMEDY, REPLACED_REMEDY } from './audio-remedies.ts';
import { rowsKnownTo } from './items.ts';
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
        // HEAD would read all of it, too.
        exposeHeadRoute: false,
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
      // HEAD would read all of it, too.
      exposeHeadRoute: false,
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
      const signal = untilCallerLeaves(reply);
      const rows = rowsOf(depsUntil(deps, signal).log.sets, summary);
      const zip = await inPieces(zipOf(zipped({ store, rows, signal }), new Date()));
      const name = `${encodeURIComponent(summary.set.name)}.zip`;
      reply.header('content-disposition', `attachment; filename*=UTF-8''${name}`);
      return reply.type('application/zip').send(zip as never);
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
  /** Aborts when the client has left, or the zip has been broken off. */
  readonly signal: AbortSignal;
}

/**
 * The files of the zip, of which a few are verified ahead of the one that is sent. Files that the run made but that are
 * not there are listed instead; any other failure breaks the zip off, since nobody could tell what it lacks.
 */
async function* zipped({ store, rows, signal }: Contents): AsyncGenerator<ZippedFile> {
  const missing: Missing = { gone: [], replaced: [] };
  const verify = async ({ file, state, sha256 }: ItemRow): Promise<ZippedFile | undefined> => {
    if (state !== 'completed') return undefined;
    const there = await store.head(file);
    if (there === undefined) return void missing.gone.push(file);
    // Reads the very bytes that are verified here, or fails.
    const read = (): AsyncIterable<Uint8Array> => store.read(file, there.version);
    const sum = { crc32: 0, bytes: 0 };
    if ((await sha256OfPieces(summed(read(), sum), signal)) !== sha256)
      return void missing.replaced.push(file);
    return { name: nameInZip(file), ...sum, read };
  };
  for await (const file of workedAhead(rows, verify)) if (file !== undefined) yield file;
  const text = Buffer.from(listOf(missing));
  if (text.length === 0) return;
  const read = (): AsyncIterable<Uint8Array> => Readable.from([text]);
  yield { name: MISSING, bytes: text.length, crc32: crc32(text), read };
}

async function* summed(
  pieces: AsyncIterable<Uint8Array>,
  sum: { crc32: number; bytes: number },
): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    sum.crc32 = crc32(piece, sum.crc32);
    sum.bytes += piece.length;
    yield piece;
  }
}

/** Results in the order of the rows; the work on a few of them has begun before they are wanted. */
async function* workedAhead<T>(
  rows: AsyncIterable<ItemRow>,
  work: (row: ItemRow) => Promise<T>,
): AsyncGenerator<T> {
  const begun: Promise<T>[] = [];
  for await (const row of rows) {
    const working = work(row);
    // A failure is thrown when its turn comes.
    working.catch(() => undefined);
    begun.push(working);
    const first = begun.length < AHEAD ? undefined : begun.shift();
    if (first !== undefined) yield await first;
  }
  for (const working of begun) yield await working;
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
