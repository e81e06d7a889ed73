import { hash } from 'node:crypto';
import {
  type PollyClient,
  SynthesizeSpeechCommand,
  type SynthesizeSpeechCommandInput,
} from '@aws-sdk/client-polly';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode } from './audio.ts';
import { startEngine, type TestEngine } from './engine.ts';

const TEXT = 'Call me Ishmael. Some years ago, never mind how long precisely.';
const hello = {
  Text: TEXT,
  VoiceId: 'Matthew',
  OutputFormat: 'mp3',
} as const satisfies SynthesizeSpeechCommandInput;

let engine: TestEngine;
beforeAll(async () => {
  engine = await startEngine();
});
afterAll(() => engine[Symbol.asyncDispose]());

async function say(input: Partial<SynthesizeSpeechCommandInput> = {}, client: PollyClient = engine.http1) {
  const reply = await client.send(new SynthesizeSpeechCommand({ ...hello, ...input }));
  return { ...reply, bytes: (await reply.AudioStream?.transformToByteArray()) ?? new Uint8Array() };
}
const sha256 = (bytes: Uint8Array) => hash('sha256', bytes);
const seconds = async (input: Partial<SynthesizeSpeechCommandInput>) =>
  (await decode('pcm', (await say({ ...input, OutputFormat: 'pcm' })).bytes, 16_000)).seconds;

async function marks(input: Partial<SynthesizeSpeechCommandInput>): Promise<Record<string, unknown>[]> {
  const { bytes } = await say({
    OutputFormat: 'json',
    SpeechMarkTypes: ['sentence', 'word', 'viseme'],
    ...input,
  });
  const lines = Buffer.from(bytes).toString().trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line));
}

describe('SynthesizeSpeech', () => {
  it.each([
    ['mp3', '8000', 'audio/mpeg'],
    ['mp3', '22050', 'audio/mpeg'],
    ['mp3', '48000', 'audio/mpeg'],
    ['ogg_vorbis', '8000', 'audio/ogg'],
    ['ogg_vorbis', '24000', 'audio/ogg'],
    ['ogg_vorbis', '44100', 'audio/ogg'],
    ['pcm', '8000', 'audio/pcm'],
    ['pcm', '16000', 'audio/pcm'],
    ['mulaw', '8000', 'audio/mulaw'],
    ['alaw', '8000', 'audio/alaw'],
  ] as const)('speaks in %s at %s Hz', async (OutputFormat, SampleRate, contentType) => {
    const { bytes, ContentType, RequestCharacters, $metadata } = await say({ OutputFormat, SampleRate });
    expect(ContentType).toBe(contentType);
    expect(RequestCharacters).toBe(TEXT.length);
    expect($metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
    const audio = await decode(OutputFormat, bytes, Number(SampleRate));
    expect(audio).toMatchObject({ sampleRate: Number(SampleRate), channels: 1, errors: 0 });
    expect(audio.seconds).toBeGreaterThan(3);
    expect(audio.seconds).toBeLessThan(7);
    expect(audio.loudness).toBeGreaterThan(0.02);
  });

  it('returns the same bytes over HTTP/2, the SDK’s default, as over HTTP/1.1', async () => {
    const [first, second] = [await say({}, engine.http2), await say({}, engine.http1)];
    expect(sha256(first.bytes)).toBe(sha256(second.bytes));
    expect(first.RequestCharacters).toBe(TEXT.length);
  });

  it('returns the same bytes again, whatever was spoken in between', async () => {
    const first = await say({ OutputFormat: 'pcm' });
    await say({ VoiceId: 'Celine', Text: 'Bonjour tout le monde.' });
    expect(sha256((await say({ OutputFormat: 'pcm' })).bytes)).toBe(sha256(first.bytes));
  });

  it('defaults to 24 kHz for the neural engine, and to 22.05 kHz otherwise', async () => {
    const rateOf = async (Engine?: 'neural') =>
      (await decode('mp3', (await say(Engine ? { Engine } : {})).bytes, 0)).sampleRate;
    expect(await rateOf()).toBe(22_050);
    expect(await rateOf('neural')).toBe(24_000);
  });

  it('honours breaks, rates and whispers', async () => {
    const ssml = (inside: string) => ({ TextType: 'ssml', Text: `<speak>${inside}</speak>` }) as const;
    const plain = await seconds(ssml('Stay a while'));
    expect((await seconds(ssml('Stay <break time="1.5s"/>a while'))) - plain).toBeCloseTo(1.5, 0);
    expect(await seconds(ssml('<prosody rate="50%">Stay a while</prosody>'))).toBeGreaterThan(plain * 1.5);
    const whispered = await say({
      OutputFormat: 'pcm',
      ...ssml('<amazon:effect name="whispered">Stay a while</amazon:effect>'),
    });
    expect(sha256(whispered.bytes)).not.toBe(
      sha256((await say({ OutputFormat: 'pcm', ...ssml('Stay a while') })).bytes),
    );
  });

  it('returns a playable file even if there is nothing to say', async () => {
    const { bytes } = await say({ Text: '…', OutputFormat: 'mp3' });
    expect(await decode('mp3', bytes, 0)).toMatchObject({ errors: 0, channels: 1 });
  });
});

describe('speech marks', () => {
  it('place sentences, words and marks in the bytes of the input', async () => {
    const Text = '<speak>Naïve Mary had <mark name="animal"/>a little lamb. Its fleece was white.</speak>';
    const all = await marks({ Text, TextType: 'ssml', SpeechMarkTypes: ['sentence', 'word', 'ssml'] });
    for (const { type, start, end, value } of all) {
      const there = Buffer.from(Text).subarray(Number(start), Number(end)).toString();
      expect(there).toBe(type === 'ssml' ? `<mark name="${value}"/>` : value);
    }
    expect(all.filter(({ type }) => type === 'sentence')).toHaveLength(2);
    expect(all.filter(({ type }) => type === 'word').map(({ value }) => value)).toEqual(
      'Naïve Mary had a little lamb Its fleece was white'.split(' '),
    );
    expect(Object.keys(all[0] ?? {})).toEqual(['time', 'type', 'start', 'end', 'value']);
  });

  it.each([
    ['Dr. Smith is here.'],
    ['Version 2.0 is out. 3 people know.'],
    ['It was in Jan. 2024, i.e. In spring.'],
    ['J. R. R. Tolkien, A. Smith, etc., Wrote'],
    ['It was – cf. §, p. 7 – etc. (See U.S. Smith)'],
    ['<speak>Dr. <mark name="m"/>Smith and Dr.<mark name="n"/>Jones at 5.</speak>'],
    ['Am 3. 5. 2024 kam Dr. Müller um 7.', 'Hans'],
  ] as [text: string, voice?: 'Hans' | 'Matthew'][])(
    'give each word its own time, even after a full stop: %s',
    async (Text, VoiceId = 'Matthew') => {
      const TextType = Text.startsWith('<') ? 'ssml' : 'text';
      const SpeechMarkTypes = TextType === 'ssml' ? (['word', 'ssml'] as const) : (['word'] as const);
      const all = await marks({ Text, TextType, VoiceId, SpeechMarkTypes: [...SpeechMarkTypes] });
      const words = all.filter(({ type }) => type === 'word');
      for (const [index, { time, start, end, value }] of words.entries()) {
        expect(Buffer.from(Text).subarray(Number(start), Number(end)).toString()).toBe(value);
        if (index > 0) expect(Number(time), String(value)).toBeGreaterThan(Number(words[index - 1]?.time));
      }
      for (const mark of all.filter(({ type }) => type === 'ssml')) {
        expect(words).toContainEqual(expect.objectContaining({ time: mark.time, start: mark.end }));
      }
    },
  );

  it('omit no word, not even a letter after a full stop', async () => {
    const alone = await seconds({ Text: 'No.' });
    for (const Text of ['No. 5', 'J. X']) expect(await seconds({ Text })).toBeGreaterThan(alone * 1.2);
    const german = { VoiceId: 'Hans' } as const;
    const [short, long] = [
      await seconds({ ...german, Text: 'am 3.' }),
      await seconds({ ...german, Text: 'am 3. 5' }),
    ];
    expect(long).toBeGreaterThan(short * 1.2);
  });

  it('never go back in time and end with the audio', async () => {
    const times = (await marks({})).map(({ time }) => Number(time));
    expect(times).toEqual([...times].sort((a, b) => a - b));
    const duration = (await seconds({})) * 1000;
    expect(times.at(-1)).toBeLessThanOrEqual(duration);
    expect(times.at(-1)).toBeGreaterThan(duration * 0.8);
  });

  it('are of no length, and the last one is at the end of speech', async () => {
    const Text = '<speak>Hello world.<mark name="end"/></speak>';
    const lasts = await seconds({ Text: 'Hello world.' });
    expect(await seconds({ Text, TextType: 'ssml' })).toBe(lasts);
    const [mark] = await marks({ Text, TextType: 'ssml', SpeechMarkTypes: ['ssml'] });
    expect(Math.abs(Number(mark?.time) - lasts * 1_000)).toBeLessThanOrEqual(2);
  });

  it('include the visemes', async () => {
    const all = await marks({ Text: 'Pop', SpeechMarkTypes: ['viseme'] });
    expect(all.map(({ value }) => value)).toEqual(['p', 'a', 'p', 'sil']);
    expect(Object.keys(all[0] ?? {})).toEqual(['time', 'type', 'value']);
  });
});

describe('what Polly refuses', () => {
  const ssml = (Text: string) => ({ TextType: 'ssml', Text }) as const;
  it.each<[string, number, object]>([
    ['ValidationException', 400, { VoiceId: 'Bob' }],
    ['ValidationException', 400, { OutputFormat: 'wav' }],
    ['ValidationException', 400, { Text: undefined }],
    ['ValidationException', 400, { Engine: 'quantum' }],
    ['ValidationException', 400, { LexiconNames: ['a', 'b', 'c', 'd', 'e', 'f'] }],
    ['ValidationException', 400, { OutputFormat: 'ogg_opus' }],
    ['ValidationException', 400, { VoiceId: 'Mizuki', Engine: 'neural' }],
    ['LanguageNotSupportedException', 400, { LanguageCode: 'fr-FR' }],
    ['InvalidSampleRateException', 400, { SampleRate: '11025' }],
    ['InvalidSampleRateException', 400, { OutputFormat: 'pcm', SampleRate: '22050' }],
    ...['16e3', '0x3E80', ' 16000 ', '16000.0', '016000', ''].map((SampleRate): [string, number, object] => [
      'InvalidSampleRateException',
      400,
      { OutputFormat: 'pcm', SampleRate },
    ]),
    ...['7', ''].map((SampleRate): [string, number, object] => [
      'InvalidSampleRateException',
      400,
      { OutputFormat: 'json', SpeechMarkTypes: ['word'], SampleRate },
    ]),
    ['MarksNotSupportedForFormatException', 400, { SpeechMarkTypes: ['word'] }],
    ['ValidationException', 400, { Engine: 'generative', OutputFormat: 'json', SpeechMarkTypes: ['word'] }],
    ['SsmlMarksNotSupportedForTextTypeException', 400, { OutputFormat: 'json', SpeechMarkTypes: ['ssml'] }],
    ['TextLengthExceededException', 400, { Text: 'a'.repeat(3_001) }],
    ['TextLengthExceededException', 400, ssml(`<speak>${'<break/>'.repeat(800)}</speak>`)],
    ['InvalidSsmlException', 400, ssml('<speak>no end')],
    ['InvalidSsmlException', 400, ssml('<speak><audio src="a"/></speak>')],
    ['InvalidSsmlException', 400, { ...ssml('<speak><emphasis>a</emphasis></speak>'), Engine: 'neural' }],
    ['LexiconNotFoundException', 404, { LexiconNames: ['nowhere'] }],
  ])('is answered with %s, %i: %o', async (name, status, input) => {
    const refused = say(input as Partial<SynthesizeSpeechCommandInput>);
    await expect(refused).rejects.toMatchObject({ name, $metadata: { httpStatusCode: status } });
  });

  it('is named in a header, with a message in the body', async () => {
    const reply = await fetch(`${engine.url}/v1/speech`, {
      method: 'POST',
      body: JSON.stringify({ ...hello, Text: 5 }),
    });
    expect(reply.headers.get('x-amzn-errortype')).toBe('ValidationException');
    expect(reply.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
    expect(await reply.json()).toEqual({ message: expect.stringContaining("'text'") });
  });

  it('includes bodies that are not JSON and paths that Polly lacks', async () => {
    const garbled = await fetch(`${engine.url}/v1/speech`, { method: 'POST', body: '{' });
    expect([garbled.status, garbled.headers.get('x-amzn-errortype')]).toEqual([
      400,
      'SerializationException',
    ]);
    const unknown = await fetch(`${engine.url}/v2/speech`, { method: 'POST', body: '{}' });
    expect([unknown.status, unknown.headers.get('x-amzn-errortype')]).toEqual([
      404,
      'UnknownOperationException',
    ]);
  });
});
