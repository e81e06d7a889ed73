/** The voices, by language and engine. */

import { ENGINES, LANGUAGES, VOICES_AS_OF, voicesOf } from '@setlist/polly';
import { setFileJsonSchema } from '@setlist/set-file';
import { z } from 'zod';
import type { Api } from '../http/deps.ts';
import { refusals } from '../http/problem.ts';

const voicesAnswer = z.object({
  asOf: z.string().describe('the day on which this table was taken from Polly’s documentation'),
  voices: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      language: z.string(),
      languageName: z.string(),
      additionalLanguages: z.array(z.string()).describe('second languages of a bilingual voice'),
      engines: z.array(z.enum(ENGINES)),
    }),
  ),
});

export function voiceRoutes(api: Api): void {
  api.get(
    '/voices',
    {
      schema: {
        tags: ['set files'],
        summary: 'Voices',
        querystring: z.object({
          language: z.string().optional().describe('such as en, or en-GB'),
          engine: z.enum(ENGINES).optional(),
        }),
        response: { 200: voicesAnswer, ...refusals },
      },
    },
    async ({ query }) => ({
      asOf: VOICES_AS_OF,
      voices: voicesOf(query).map((voice) => ({
        id: voice.id,
        name: voice.name,
        language: voice.language,
        languageName: LANGUAGES[voice.language] ?? voice.language,
        additionalLanguages: [...voice.additionalLanguages],
        engines: [...voice.engines],
      })),
    }),
  );

  api.get(
    '/set-file.schema.json',
    { schema: { tags: ['set files'], summary: 'JSON Schema of a set file, for editors' } },
    (_, reply) => reply.type('application/schema+json').send(JSON.stringify(setFileJsonSchema())),
  );
}
