/** Audio, through signed, short-lived links: for callers with the scope `listen`, at allowed addresses. */
import { Readable } from 'node:stream';
import type { SetSummary } from '@setlist/contracts';
import { FORMATS, type OutputFormat } from '@setlist/polly';
import { plainAddress } from '@setlist/runtime';
import { type SignedAddress, StoreError, sha256OfPieces } from '@setlist/storage';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { type AudioGrant, openGrant, sealGrant } from '../access/audio-links.ts';
import { linksByStore } from '../config.ts';
import { partOf, rangeOf } from '../http/byte-range.ts';
import { untilCallerLeaves } from '../http/caller-left.ts';
import type { Api, ConsoleDeps } from '../http/deps.ts';
import { countDownload } from '../http/downloads.ts';
import { audioGuard, setFor } from '../http/guard.ts';
import { HttpProblem, notFound, refusals } from '../http/problem.ts';
import { inPieces } from '../http/whole-reads.ts';
import { GONE_REMEDY, REPLACED_REMEDY } from './audio-remedies.ts';
import { type Item, itemAt } from './items.ts';
import { itemParams } from './parts.ts';

export const linkSchema = z.object({
  url: z
    .string()
    .describe('the link: a path on this console, valid for the client’s address, or a URL signed by S3'),
  expiresAt: z.iso.datetime(),
  file: z.string(),
  contentType: z.string(),
});

export function audioRoutes(api: Api, deps: ConsoleDeps): void {
  linkRoute(api, deps);
  audioRoute(api, deps);
}

function linkRoute(api: Api, deps: ConsoleDeps): void {
  const { settings, mirror, linkSecret } = deps;
  const byStore = linksByStore(settings);
  const mustBeAllowed = audioGuard(settings);
  api.post(
    '/sets/:setId/items/:index/audio-link',
    {
      config: { scope: 'listen' },
      schema: {
        tags: ['audio'],
        summary: 'A short-lived link to an item’s audio',
        params: itemParams,
        querystring: z.object({
          through: z
            .literal('console')
            .optional()
            .describe('makes the link one to the console, for pages that the bucket’s CORS rules keep out'),
        }),
        response: { 200: linkSchema, ...refusals },
      },
    },
    async (request) => {
      const { setId, index } = request.params;
      mustBeAllowed(request);
      const summary = setFor(request.caller, mirror, setId);
      const item = await itemAt(deps, summary, index);
      if (item?.state !== 'completed' || item.sha256 === undefined) throw notFound(`audio of item ${index}`);
      const known = { file: item.file, contentType: contentTypeOf(item.format) };
      const mayBeStores = request.query.through === undefined || settings.AUDIO_LINKS === 'store';
      const signedByStore = byStore && mayBeStores ? await presigned(deps, summary, item) : undefined;
      if (signedByStore !== undefined) {
        return { ...known, url: signedByStore.url, expiresAt: signedByStore.expiresAt.toISOString() };
      }
      const address = plainAddress(request.ip);
      const expiresAt = Date.now() + settings.AUDIO_LINK_TTL;
      const grant: AudioGrant = { setId, index, sha256: item.sha256, address, expiresAt };
      const url = `/api/v1/audio/${sealGrant(grant, linkSecret)}`;
      return { ...known, url, expiresAt: new Date(expiresAt).toISOString() };
    },
  );
}

/** A link signed by S3 itself, if the set's audio is there. */
async function presigned(
  deps: ConsoleDeps,
  summary: SetSummary,
  { file, format }: Item,
): Promise<SignedAddress | undefined> {
  const acceptance = await deps.acceptanceOf(summary);
  const store = acceptance && deps.outputOf(acceptance.data.output);
  return store?.presign(file, {
    seconds: Math.ceil(deps.settings.AUDIO_LINK_TTL / 1_000),
    contentType: contentTypeOf(format),
    contentDisposition: dispositionOf(file, 'inline'),
  });
}

function audioRoute(api: Api, deps: ConsoleDeps): void {
  const { settings, linkSecret } = deps;
  const mustBeAllowed = audioGuard(settings);
  api.get(
    '/audio/:token',
    {
      config: { scope: 'public' },
      schema: {
        tags: ['audio'],
        summary: 'Audio, by a link issued for it',
        params: z.object({ token: z.string() }),
        querystring: z.object({ download: z.literal('').optional() }),
      },
    },
    async (request, reply) => {
      mustBeAllowed(request);
      const opened = openGrant(request.params.token, linkSecret, { address: request.ip, now: Date.now() });
      if (!opened.ok) throw refusedLink(opened.why);
      countDownload(plainAddress(request.ip), reply);
      const looked = await audioOf(deps, opened.grant, untilCallerLeaves(reply));
      const { file, format } = looked.item;
      reply
        .type(contentTypeOf(format))
        .header('accept-ranges', 'bytes')
        .header('cache-control', 'private, no-store')
        .header(
          'content-disposition',
          dispositionOf(file, request.query.download === undefined ? 'inline' : 'attachment'),
        );
      return sendPart(reply, looked, request.headers.range);
    },
  );
}

/** Audio whose content has been verified. */
interface Looked {
  readonly item: Item;
  readonly bytes: number;
  /** Reads the very bytes that were verified, or fails. */
  readonly read: () => AsyncIterable<Uint8Array>;
}

/** The audio that a link was issued for. It is read once to verify that it is unchanged, then again to be sent. */
async function audioOf(
  deps: ConsoleDeps,
  { setId, index, sha256 }: AudioGrant,
  signal: AbortSignal,
): Promise<Looked> {
  const summary = deps.mirror.get(setId);
  const item = summary && (await itemAt(deps, summary, index));
  const acceptance = summary && (await deps.acceptanceOf(summary));
  if (!item || !acceptance || item.sha256 !== sha256) throw refusedLink('changed');
  const { file } = item;
  const output = deps.outputOf(acceptance.data.output);
  try {
    const there = await output.head(file);
    if (there === undefined) throw fileGone(file);
    const read = () => output.read(file, there.version);
    if ((await sha256OfPieces(read(), signal)) !== sha256) throw fileReplaced(file);
    return { item, bytes: there.bytes, read };
  } catch (error) {
    if (error instanceof StoreError && error.code === 'not-found') throw fileGone(file, error);
    throw error;
  }
}

async function sendPart(
  reply: FastifyReply,
  { bytes, read }: Looked,
  wanted: string | undefined,
): Promise<FastifyReply> {
  const range = rangeOf(wanted, bytes);
  if (range === 'outside') return reply.code(416).header('content-range', `bytes */${bytes}`).send();
  const part = range === 'whole' ? { from: 0, to: bytes - 1 } : range;
  // Fastify answers HEAD as it does GET, and would read the body to its end.
  const isHead = reply.request.method === 'HEAD';
  const pieces = isHead ? Readable.from([]) : await inPieces(partOf(read(), part));
  if (range !== 'whole') reply.code(206).header('content-range', `bytes ${part.from}-${part.to}/${bytes}`);
  return reply.header('content-length', part.to - part.from + 1).send(pieces);
}

const dispositionOf = (file: string, how: 'inline' | 'attachment'): string =>
  `${how}; filename*=UTF-8''${encodeURIComponent(file.split('/').at(-1) ?? 'audio')}`;

const contentTypeOf = (format: string | undefined): string =>
  format !== undefined && format in FORMATS
    ? FORMATS[format as OutputFormat].contentType
    : 'application/octet-stream';

const REFUSED = {
  forged: [403, 'this link was not issued by this console, or was altered'],
  expired: [410, 'this link has expired'],
  elsewhere: [403, 'this link was issued to another address'],
  changed: [410, 'the audio that this link was issued for is no longer there'],
} as const;

function refusedLink(why: keyof typeof REFUSED): HttpProblem {
  const [status, detail] = REFUSED[why];
  return new HttpProblem(status, {
    code: `link-${why}`,
    detail,
    remedy: 'Request a new link for the item.',
  });
}

const fileReplaced = (file: string): HttpProblem =>
  new HttpProblem(410, {
    code: 'file-replaced',
    detail: `the file ${file} no longer holds this run’s audio: a later run, or someone else, has overwritten it`,
    remedy: REPLACED_REMEDY,
  });

const fileGone = (file: string, cause?: Error): HttpProblem =>
  new HttpProblem(
    404,
    {
      code: 'file-gone',
      detail: `the file ${file} is no longer where this run put it`,
      remedy: GONE_REMEDY,
    },
    { cause },
  );
