/**
 * Has the local engine speak a line. The request is not signed, so that the real Polly would refuse it, whatever the
 * address.
 */
import { jsonIn } from '@setlist/contracts';
import { Slots } from '@setlist/runtime';
import type { ParsedItem } from '@setlist/set-file';
import { z } from 'zod';
import { HttpProblem } from '../http/problem.ts';

/** Longest text of a preview, in characters: a minute or two of speech. */
const HEARD_CHARACTERS = 1_500;
const SPOKEN_WITHIN_MS = 20_000;
const SPOKEN_AT_ONCE = 2;

/** @returns mp3. Throws an {@link HttpProblem} if the line is too long or refused, or the engine is down. */
export type LocalVoice = (item: ParsedItem, signal: AbortSignal) => Promise<Uint8Array>;

/** @param engineUrl where the local engine listens */
export function localVoice(engineUrl: string | undefined): LocalVoice {
  const slots = new Slots(SPOKEN_AT_ONCE);
  return async (item, signal) => {
    if (engineUrl === undefined) throw noEngine();
    if (item.billedCharacters > HEARD_CHARACTERS) throw tooLong(item);
    using _slot = await slots.take(signal);
    const answer = await asked(engineUrl, item, signal);
    if (answer.ok) return new Uint8Array(await answer.arrayBuffer());
    throw refused(answer.status, await answer.text());
  };
}

async function asked(engineUrl: string, item: ParsedItem, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(new URL('/v1/speech', engineUrl), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(requestOf(item)),
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(SPOKEN_WITHIN_MS)]),
    });
  } catch (error) {
    signal.throwIfAborted();
    throw noAnswer(error);
  }
}

/** The item's text and voice, in a format and rate that every browser plays. */
const requestOf = ({ text, textType, voice, engine, language }: ParsedItem) => ({
  OutputFormat: 'mp3',
  Text: text,
  TextType: textType,
  VoiceId: voice,
  Engine: engine,
  ...(language === undefined ? {} : { LanguageCode: language }),
});

function refused(status: number, body: string): HttpProblem {
  if (status >= 500) return noAnswer(new Error(`the local engine answered ${status}`));
  return new HttpProblem(422, {
    code: 'line-refused',
    detail: `the local engine refused this line: ${messageIn(body)}`,
    remedy: 'Correct the text of this item.',
  });
}

const refusal = z.object({ message: z.string() });

const messageIn = (body: string): string =>
  refusal.safeParse(jsonIn(body)).data?.message.slice(0, 300) ?? 'it does not say why';

const tooLong = ({ billedCharacters }: ParsedItem): HttpProblem =>
  new HttpProblem(422, {
    code: 'line-too-long',
    detail: `this item has ${billedCharacters} characters; the preview speaks at most ${HEARD_CHARACTERS}`,
    remedy: 'Listen to a shorter item: the voice is the same.',
  });

const noEngine = (): HttpProblem =>
  new HttpProblem(503, {
    code: 'no-local-engine',
    detail: 'this console has no local engine',
    remedy: 'Start one (packages/polly-local), and set POLLY_LOCAL_URL to its address.',
  });

const noAnswer = (cause: unknown): HttpProblem =>
  new HttpProblem(
    503,
    {
      code: 'no-local-engine',
      detail: 'the local engine does not answer',
      remedy: 'Check that it is running, and that POLLY_LOCAL_URL is its address.',
    },
    { cause },
  );
