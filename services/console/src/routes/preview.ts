/** Previews one item of a set file before it is submitted: by the local engine, never by Polly, so it is free. */
import type { ParsedItem } from '@setlist/set-file';
import { z } from 'zod';
import type { Caller } from '../access/caller.ts';
import { untilCallerLeaves } from '../http/caller-left.ts';
import type { Api, ConsoleDeps } from '../http/deps.ts';
import { type CheckTerms, checkUpload, type Holds, mustHold } from '../set-files/check.ts';
import { localVoice } from '../set-files/local-voice.ts';
import { SET_FILE_TYPES, type Upload, uploadOf } from '../set-files/upload.ts';
import { fileName, setFileBody } from './set-file-query.ts';

export function previewRoutes(api: Api, { settings, log }: ConsoleDeps): void {
  const speak = localVoice(settings.POLLY_LOCAL_URL);

  api.post(
    '/preview',
    {
      config: { scope: 'listen' },
      schema: {
        tags: ['set files'],
        summary: 'The item at a line of a set file as mp3, spoken by the local engine; 204 if there is none',
        consumes: SET_FILE_TYPES,
        querystring: z.object({
          fileName,
          line: z.coerce.number().int().positive().describe('any line of the item; counts from 1'),
        }),
        body: setFileBody,
      },
    },
    async (request, reply) => {
      const { fileName: named, line } = request.query;
      const signal = untilCallerLeaves(reply);
      const check = { fileName: named, options: {}, settings, now: new Date(log.clock.now()), signal };
      const item = await itemOf(uploadOf(request), check, { line, caller: request.caller });
      if (item === undefined) return reply.code(204).send();
      const audio = await speak(item, signal);
      return reply.type('audio/mpeg').header('cache-control', 'no-store').send(Buffer.from(audio));
    },
  );
}

/** The item at a line of a valid file. The file is released by then: others are checked while the item is spoken. */
async function itemOf(
  upload: Upload,
  check: CheckTerms,
  { line, caller }: { readonly line: number; readonly caller: Caller },
): Promise<ParsedItem | undefined> {
  await using checked = await checkUpload(upload, check);
  return await itemAtLine(mustHold(checked, check.fileName, caller), line);
}

/** The last item that begins at the line or above it. */
async function itemAtLine({ file }: Holds, line: number): Promise<ParsedItem | undefined> {
  let found: ParsedItem | undefined;
  for await (const items of file.items()) {
    for (const item of items) {
      if (item.line > line) return found;
      found = item;
    }
  }
  return found;
}
