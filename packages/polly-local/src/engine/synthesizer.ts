/** From a request to the bytes of a file: reads the text, lets espeak speak it sentence by sentence, and encodes. */
import { type AudioFormat, createEncoders } from '../audio/encoder.ts';
import { readSsml } from '../speech/read-ssml.ts';
import { marksOf, type SpeechMark, ssmlMark, writeMarks } from '../speech/speech-marks.ts';
import { type Piece, PLAIN } from '../speech/spoken-text.ts';
import { type Part, utterancesOf } from '../speech/utterances.ts';
import { createWordCutter } from '../speech/words.ts';
import { ESPEAK_RATE, type Espeak } from './espeak.ts';
import { AudioTooLong, type SpeechRequest, SynthesisCancelled } from './speech-request.ts';
import { espeakVoice } from './voice-map.ts';

export type Synthesizer = (request: SpeechRequest, isCancelled: () => boolean) => Promise<Uint8Array>;

/**
 * More than a task's 100,000 characters take at a usual pace: two hours in alphabetic scripts, some six in Chinese; as
 * 16-bit samples at 16 kHz, 920 MB.
 */
const LONGEST_MS = 8 * 3_600_000;

/**
 * One per thread. Throws {@link SynthesisCancelled} once `isCancelled` returns true, and {@link AudioTooLong} as soon as
 * audio that is not to be cut off is known to be longer than `longestMs`.
 */
export function createSynthesizer(espeak: Espeak, longestMs = LONGEST_MS): Synthesizer {
  const encoderFor = createEncoders();
  const said = (request: SpeechRequest, isCancelled: () => boolean) =>
    sayAll({ espeak, request, isCancelled, longestMs });

  const audioOf = async (
    request: SpeechRequest,
    format: AudioFormat,
    rate: number,
    isCancelled: () => boolean,
  ) => {
    const encoder = await encoderFor(format, { from: ESPEAK_RATE, to: rate });
    const parts: Uint8Array[] = [];
    for (const { pcm } of said(request, isCancelled)) parts.push(encoder.push(pcm));
    parts.push(encoder.finish());
    return Buffer.concat(parts);
  };

  return async (request, isCancelled) => {
    const { output } = request;
    if (output.kind === 'audio') return audioOf(request, output.format, output.sampleRate, isCancelled);
    const marks: SpeechMark[] = [];
    for (const { marks: heard } of said(request, isCancelled)) marks.push(...heard);
    return Buffer.from(writeMarks(marks, output.types));
  };
}

export function piecesOf(
  request: Pick<SpeechRequest, 'text' | 'textType' | 'language' | 'pronunciations'>,
): Piece[] {
  const cut = createWordCutter(request.language, new Map(request.pronunciations));
  if (request.textType === 'ssml') return readSsml(request.text, cut);
  return cut({ source: request.text, start: 0, style: PLAIN, joined: false, decode: (source) => source });
}

type Said = { readonly pcm: Int16Array; readonly marks: readonly SpeechMark[] };

type ToSay = Pick<Saying, 'espeak' | 'request' | 'isCancelled'> & { readonly longestMs: number };

function* sayAll({ espeak, request, isCancelled, longestMs }: ToSay): Generator<Said> {
  const input = Buffer.from(request.text);
  const cutAt = samplesIn(request.longestMs ?? Number.POSITIVE_INFINITY);
  const most = request.longestMs === undefined ? samplesIn(longestMs) : Number.POSITIVE_INFINITY;
  const parts = utterancesOf(piecesOf(request), request.language);
  let samples = 0;
  /** What is certain of the whole length: all silences, and what has been spoken so far. */
  let certain = parts.reduce((sum, part) => sum + (part.kind === 'silence' ? samplesIn(part.ms) : 0), 0);
  for (const part of parts) {
    if (isCancelled()) throw new SynthesisCancelled();
    const sinceMs = (samples / ESPEAK_RATE) * 1000;
    const { pcm, marks } = sayPart(part, { espeak, request, input, sinceMs, isCancelled });
    if (isCancelled()) throw new SynthesisCancelled();
    if (part.kind === 'utterance') certain += pcm.length;
    if (certain > most) throw new AudioTooLong(longestMs);
    yield { pcm: pcm.subarray(0, cutAt - samples), marks };
    samples += pcm.length;
    if (samples >= cutAt) return;
  }
  // Even without anything to say, the file must play.
  if (samples === 0) yield { pcm: new Int16Array(ESPEAK_RATE / 10), marks: [] };
}

const samplesIn = (ms: number): number => Math.round((ms / 1000) * ESPEAK_RATE);

type Saying = {
  readonly espeak: Espeak;
  readonly request: SpeechRequest;
  readonly input: Buffer;
  readonly sinceMs: number;
  readonly isCancelled: () => boolean;
};

function sayPart(part: Part, { espeak, request, input, sinceMs, isCancelled }: Saying): Said {
  if (part.kind === 'silence') {
    return { pcm: new Int16Array(samplesIn(part.ms)), marks: [] };
  }
  if (part.kind === 'moment') {
    return { pcm: new Int16Array(), marks: part.marks.map((mark) => ssmlMark(mark, sinceMs)) };
  }
  const voice = espeakVoice(request.voice, part.language, part.whispered);
  const rendered = espeak.render(part.markup, voice, isCancelled);
  return { pcm: rendered.pcm, marks: marksOf(part, rendered, input, sinceMs) };
}
