import {
  DescribeVoicesCommand,
  type DescribeVoicesCommandInput,
  type Voice,
  VoiceId,
} from '@aws-sdk/client-polly';
import { LANGUAGES, VOICES } from '@setlist/polly';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Espeak, loadEspeak } from '../src/engine/espeak.ts';
import { espeakVoice, VARIANTS } from '../src/engine/voice-map.ts';
import { toEspeak } from '../src/speech/phonetic-alphabets.ts';
import { startEngine, type TestEngine } from './engine.ts';

describe('voices of the engine', () => {
  let espeak: Espeak;
  beforeAll(async () => {
    espeak = await loadEspeak();
  });
  const heard = (markup: string, voice: string, pitch = 50) => espeak.render(markup, { name: voice, pitch });

  it('speak for every voice of the SDK, in every language that it has', () => {
    for (const id of Object.values(VoiceId)) {
      const voice = VOICES.find((one) => one.id === id);
      expect(voice, id).toBeDefined();
      for (const language of [voice?.language ?? '', ...(voice?.additionalLanguages ?? [])]) {
        expect(espeak.knows(espeakVoice(id, language).name), `${id} in ${language}`).toBe(true);
      }
    }
  });

  it('are told apart: no two that share a language and a sex sound alike', () => {
    const sounds = VOICES.map(({ id, language }) => JSON.stringify([espeakVoice(id, language), language]));
    expect(new Set(sounds).size).toBe(VOICES.length);
  });

  it('have variants that espeak knows, since it silently accepts an unknown one', () => {
    const plain = Buffer.from(heard('Hello there', 'gmw/en-US').pcm.buffer);
    expect(Buffer.from(heard('Hello there', 'gmw/en-US+nosuch').pcm.buffer)).toEqual(plain);
    for (const variant of [...VARIANTS.Female, ...VARIANTS.Male, 'whisper', 'whisperf']) {
      const varied = Buffer.from(heard('Hello there', `gmw/en-US+${variant}`).pcm.buffer);
      expect(varied.equals(plain), variant).toBe(false);
    }
  });

  it('are refused by name where espeak lacks them', () => {
    expect(espeak.knows('en-gb')).toBe(false);
    expect(() => heard('Hello', 'en-gb')).toThrow('en-gb');
  });

  it.each([
    ['gmw/en-US', 'pɪˈkɑːn', 'pɪkɑːn'],
    ['gmw/en-US', 'ˈθɪŋk', 'θɪŋk'],
    ['gmw/en-US', 'dʒʌdʒ', 'dʒʌdʒ'],
    ['gmw/en-US', 'ˈʒiːʃɔɪ', 'ʒiːʃɔɪ'],
    ['roa/fr', 'bɔ̃ʒuʁ', 'bɔ̃ʒur'],
    ['roa/es', 'niɲo', 'niɲo'],
  ])('%s speaks /%s/ as written', (voice, ipa, sounds) => {
    const phonemes = heard(`[[${toEspeak(ipa)}]]`, voice).phonemes.map((phoneme) =>
      phoneme.ipa.replace(/[ˈˌ]/g, ''),
    );
    expect(phonemes.join('')).toBe(sounds);
  });

  it('speak a text the same way, whatever was spoken before it, in whichever voice', () => {
    const say = () => Buffer.from(heard('A whale of a time.', 'gmw/en-US+m3').pcm.buffer);
    const first = say();
    heard('Etwas ganz anderes, in Ruhe.', 'gmw/de+f2', 75);
    expect(say()).toEqual(first);
    expect(say()).toEqual(first);
  });
});

describe('DescribeVoices', () => {
  let engine: TestEngine;
  beforeAll(async () => {
    engine = await startEngine({ ENGINE: 'instant' });
  });
  afterAll(() => engine[Symbol.asyncDispose]());

  const allVoices = async (input: DescribeVoicesCommandInput = {}): Promise<Voice[]> => {
    const found: Voice[] = [];
    let NextToken: string | undefined;
    do {
      const page = await engine.http1.send(
        new DescribeVoicesCommand({ ...input, ...(NextToken && { NextToken }) }),
      );
      found.push(...(page.Voices ?? []));
      NextToken = page.NextToken;
    } while (NextToken);
    return found;
  };
  const names = (voices: Voice[]) => voices.map(({ Id }) => Id);

  it('lists every voice of the SDK once, in pages', async () => {
    expect(names(await allVoices()).sort()).toEqual(Object.values(VoiceId).sort());
  });

  it('filters by engine and by language', async () => {
    const neural = await allVoices({ Engine: 'neural', LanguageCode: 'en-GB' });
    expect(names(neural)).toContain('Amy');
    for (const voice of neural) expect(voice).toMatchObject({ LanguageCode: 'en-GB' });
    for (const { SupportedEngines } of neural) expect(SupportedEngines).toContain('neural');
  });

  it('includes additional languages only when asked to', async () => {
    expect(names(await allVoices({ LanguageCode: 'hi-IN' }))).not.toContain('Aditi');
    const bilingual = await allVoices({ LanguageCode: 'hi-IN', IncludeAdditionalLanguageCodes: true });
    expect(bilingual.find(({ Id }) => Id === 'Aditi')).toMatchObject({
      LanguageCode: 'en-IN',
      LanguageName: LANGUAGES['en-IN'],
      AdditionalLanguageCodes: ['hi-IN'],
      Gender: 'Female',
    });
  });

  it('refuses a token that it did not issue', async () => {
    const refused = engine.http1.send(new DescribeVoicesCommand({ NextToken: 'made up' }));
    await expect(refused).rejects.toMatchObject({ name: 'InvalidNextTokenException' });
  });
});
