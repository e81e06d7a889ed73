/** SynthesizeSpeech: text in, the whole audio or the speech marks out. */
import { FORMATS } from '@setlist/polly';
import type { Synthesize } from '../engine/speech-request.ts';
import type { LexiconStore } from '../lexicons/lexicon-store.ts';
import { type Operation, parseInput } from './operation.ts';
import { speechInputSchema, speechOrder } from './speech-input.ts';

export function synthesizeSpeech(lexicons: LexiconStore, synthesize: Synthesize): Operation {
  return async ({ body, signal }) => {
    const order = speechOrder(parseInput(speechInputSchema, body), 'synthesize', lexicons);
    const bytes = await synthesize(order.request, signal);
    return {
      kind: 'audio',
      contentType: FORMATS[order.format].contentType,
      bytes,
      paid: { characters: order.billedCharacters, sound: order.sound },
    };
  };
}
