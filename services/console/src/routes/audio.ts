/** Audio: handed out by links that are signed and short-lived, to callers who may listen, at addresses that are allowed. */
import { hash } from 'node:crypto';
import type { SetSummary } from '@setlist/contracts';
import { FORMATS, type OutputFormat } from '@setlist/polly';
import { type ObjectStore, StoreError } from '@setlist/storage';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { type AudioGrant, openGrant, sealGrant } from '../access/audio-links.ts';
import { plainAddress } from '../access/networks.ts';
import { linksByStore } from '../config.ts';
import type { Api, ConsoleDeps } from '../http/deps.ts';
import { audioGuard, setFor } from '../http/guard.ts';
import { HttpProblem, notFound } from '../http/problem.ts';
import { type Item, itemAt } from './items.ts';
import { GONE_REMEDY, itemParams, REPLACED_REMEDY, refusals } from './parts.ts';

export const linkSchema = z.object({
  url: z
    .string()
    .describe('where the audio is: a path here, for this address, or an address that S3 has signed'),
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
        summary: 'A link to an item’s audio, of use for a short time',
        params: itemParams,
        querystring: z.object({
          through: z
            .literal('console')
            .optional()
            .describe('for pages that the bucket’s CORS rules don’t let in: the link is to be the console’s'),
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
      const expiresAt = Date.now() + settings.AUDIO_LINK_TTL;
      const contentType = contentTypeOf(item.format);
      const known = { expiresAt: new Date(expiresAt).toISOString(), file: item.file, contentType };
      const mayBeStores = request.query.through === undefined || settings.AUDIO_LINKS === 'store';
      const signedByStore = byStore && mayBeStores ? await presigned(deps, summary, item) : undefined;
      if (signedByStore !== undefined) return { url: signedByStore, ...known };
      const address = plainAddress(request.ip);
      const grant: AudioGrant = { setId, index, sha256: item.sha256, address, expiresAt };
      return { url: `/api/v1/audio/${sealGrant(grant, linkSecret)}`, ...known };
    },
  );
}

/** Signed by S3 itself where the set's audio is there. */
async function presigned(
  deps: ConsoleDeps,
  summary: SetSummary,
  { file, format }: Item,
): Promise<string | undefined> {
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
        summary: 'Audio, by a link that was given for it',
        params: z.object({ token: z.string() }),
        querystring: z.object({ download: z.literal('').optional() }),
      },
    },
    async (request, reply) => {
      mustBeAllowed(request);
      const opened = openGrant(request.params.token, linkSecret, { address: request.ip, now: Date.now() });
      if (!opened.ok) throw refusedLink(opened.why);
      const { item, body } = await audioOf(deps, opened.grant);
      reply
        .type(contentTypeOf(item.format))
        .header('accept-ranges', 'bytes')
        .header('cache-control', 'private, no-store')
        .header(
          'content-disposition',
          dispositionOf(item.file, request.query.download === undefined ? 'inline' : 'attachment'),
        );
      return sendPart(reply, body, request.headers.range);
    },
  );
}

/** The audio that a link was given for, as long as it is the same. */
async function audioOf(deps: ConsoleDeps, { setId, index, sha256 }: AudioGrant) {
  const summary = deps.mirror.get(setId);
  const item = summary && (await itemAt(deps, summary, index));
  const acceptance = summary && (await deps.acceptanceOf(summary));
  if (!item || !acceptance || item.sha256 !== sha256) throw refusedLink('changed');
  const body = await bodyOf(deps.outputOf(acceptance.data.output), item.file);
  if (hash('sha256', body) !== sha256) throw fileReplaced(item.file);
  return { item, body };
}

async function bodyOf(output: ObjectStore, file: string): Promise<Uint8Array> {
  try {
    return await output.get(file);
  } catch (error) {
    if (error instanceof StoreError && error.code === 'not-found') throw fileGone(file, error);
    throw error;
  }
}

function sendPart(reply: FastifyReply, body: Uint8Array, wanted: string | undefined): FastifyReply {
  const range = rangeOf(wanted, body.length);
  if (range === 'whole') return reply.send(Buffer.from(body));
  if (range === 'outside') return reply.code(416).header('content-range', `bytes */${body.length}`).send();
  return reply
    .code(206)
    .header('content-range', `bytes ${range.from}-${range.to}/${body.length}`)
    .send(Buffer.from(body.subarray(range.from, range.to + 1)));
}

/** A single range of bytes (RFC 9110); anything else is answered with the whole. */
function rangeOf(
  header: string | undefined,
  size: number,
): 'whole' | 'outside' | { readonly from: number; readonly to: number } {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return 'whole';
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const to = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  return from > to ? 'outside' : { from, to };
}

const dispositionOf = (file: string, how: 'inline' | 'attachment'): string =>
  `${how}; filename*=UTF-8''${encodeURIComponent(file.split('/').at(-1) ?? 'audio')}`;

const contentTypeOf = (format: string | undefined): string =>
  format !== undefined && format in FORMATS
    ? FORMATS[format as OutputFormat].contentType
    : 'application/octet-stream';

const REFUSED = {
  forged: [403, 'this link was not given by this console, or something in it was changed'],
  expired: [410, 'this link has expired'],
  elsewhere: [403, 'this link was given to another address'],
  changed: [410, 'the audio that this link was given for is no longer there'],
} as const;

function refusedLink(why: keyof typeof REFUSED): HttpProblem {
  const [status, detail] = REFUSED[why];
  return new HttpProblem(status, {
    code: `link-${why}`,
    detail,
    remedy: 'Ask for a new link where the audio is listed.',
  });
}

const fileReplaced = (file: string): HttpProblem =>
  new HttpProblem(410, {
    code: 'file-replaced',
    detail: `the file ${file} holds other audio by now than this run made: a later run, or somebody, has written it`,
    remedy: REPLACED_REMEDY,
  });

const fileGone = (file: string, cause: Error): HttpProblem =>
  new HttpProblem(
    404,
    {
      code: 'file-gone',
      detail: `the file ${file} is no longer where it was put`,
      remedy: GONE_REMEDY,
    },
    { cause },
  );
