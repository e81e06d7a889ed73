/** Who can speak: voices by language and engine. */

import { ENGINES, LANGUAGES, VOICES, VOICES_AS_OF } from '@setlist/polly';
import { setFileJsonSchema } from '@setlist/set-file';
import { z } from 'zod';
import type { Api } from '../http/deps.ts';
import { refusals } from './parts.ts';

const voicesAnswer = z.object({
  asOf: z.string().describe('when this table was taken from Polly’s documentation'),
  voices: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      language: z.string(),
      languageName: z.string(),
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
        querystring: z.object({ language: z.string().optional(), engine: z.enum(ENGINES).optional() }),
        response: { 200: voicesAnswer, ...refusals },
      },
    },
    async ({ query: { language, engine } }) => ({
      asOf: VOICES_AS_OF,
      voices: VOICES.filter((voice) => engine === undefined || voice.engines.includes(engine))
        .filter((voice) => language === undefined || voice.language === language)
        .map((voice) => ({
          id: voice.id,
          name: voice.name,
          language: voice.language,
          languageName: LANGUAGES[voice.language] ?? voice.language,
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
