/** A stand-in for speech in benchmarks of everything else: the same short tone for every text, valid in its format. */
import { createEncoders } from '../audio/encoder.ts';
import { type SpeechMark, writeMarks } from '../speech/speech-marks.ts';
import { ESPEAK_RATE } from './espeak.ts';
import type { SpeechRequest, Synthesize } from './speech-request.ts';
import { piecesOf } from './synthesizer.ts';

const TONE_MS = 300;
const TONE_HZ = 440;
const MS_PER_WORD = 200;

export function instantSynthesize(): Synthesize {
  const encoderFor = createEncoders();
  const encoded = new Map<string, Promise<Uint8Array>>();
  // An encoder holds one stream at a time: each starts when the previous one has ended.
  let previous: Promise<unknown> = Promise.resolve();

  const encode = async ({ format, sampleRate }: Extract<SpeechRequest['output'], { kind: 'audio' }>) => {
    const encoder = await encoderFor(format, { from: ESPEAK_RATE, to: sampleRate });
    return Buffer.concat([encoder.push(tone()), encoder.finish()]);
  };

  return async (request) => {
    const { output } = request;
    if (output.kind === 'marks') return Buffer.from(writeMarks(evenMarks(request), output.types));
    const key = `${output.format}/${output.sampleRate}`;
    const known = encoded.get(key);
    if (known) return known;
    const made = previous.then(() => encode(output));
    previous = made;
    encoded.set(key, made);
    return made;
  };
}

function tone(): Int16Array {
  const step = (2 * Math.PI * TONE_HZ) / ESPEAK_RATE;
  return Int16Array.from({ length: (ESPEAK_RATE * TONE_MS) / 1000 }, (_, i) =>
    Math.round(8000 * Math.sin(i * step)),
  );
}

/** Words and marks at a steady pace; no sentences or visemes, since nothing was spoken. */
function evenMarks(request: SpeechRequest): SpeechMark[] {
  let time = 0;
  return piecesOf(request).flatMap((piece): SpeechMark[] => {
    if (piece.kind === 'mark')
      return [{ time, type: 'ssml', start: piece.start, end: piece.end, value: piece.name }];
    if (piece.kind !== 'word') return [];
    const mark = { time, type: 'word', start: piece.start, end: piece.end, value: piece.source } as const;
    time += MS_PER_WORD;
    return [mark];
  });
}
