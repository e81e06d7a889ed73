/** Which espeak voice stands in for a Polly voice: the nearest language, the same sex, and its own timbre. */
import { findVoice, VOICES, type Voice } from '@setlist/polly';
import type { EspeakVoice } from './espeak.ts';

/** By Polly's language code. espeak calls British English `gmw/en`; given `en-gb`, it keeps its previous voice. */
const ESPEAK_LANGUAGES: Readonly<Record<string, string>> = {
  arb: 'sem/ar',
  'ar-AE': 'sem/ar',
  'ca-ES': 'roa/ca',
  'cmn-CN': 'sit/cmn',
  'cs-CZ': 'zlw/cs',
  'cy-GB': 'cel/cy',
  'da-DK': 'gmq/da',
  'de-AT': 'gmw/de',
  'de-CH': 'gmw/de',
  'de-DE': 'gmw/de',
  'en-AU': 'gmw/en',
  'en-GB': 'gmw/en-GB-x-rp',
  'en-GB-WLS': 'gmw/en-GB-x-gbcwmd',
  'en-IE': 'gmw/en-GB-scotland',
  'en-IN': 'gmw/en',
  'en-NZ': 'gmw/en',
  'en-SG': 'gmw/en',
  'en-US': 'gmw/en-US',
  'en-ZA': 'gmw/en',
  'es-ES': 'roa/es',
  'es-MX': 'roa/es-419',
  'es-US': 'roa/es-419',
  'fi-FI': 'urj/fi',
  'fr-BE': 'roa/fr-BE',
  'fr-CA': 'roa/fr',
  'fr-FR': 'roa/fr',
  'hi-IN': 'inc/hi',
  'is-IS': 'gmq/is',
  'it-IT': 'roa/it',
  'ja-JP': 'jpx/ja',
  'ko-KR': 'ko',
  'nb-NO': 'gmq/nb',
  'nl-BE': 'gmw/nl',
  'nl-NL': 'gmw/nl',
  'pl-PL': 'zlw/pl',
  'pt-BR': 'roa/pt-BR',
  'pt-PT': 'roa/pt',
  'ro-RO': 'roa/ro',
  'ru-RU': 'zle/ru',
  'sv-SE': 'gmq/sv',
  'tr-TR': 'trk/tr',
  'yue-CN': 'sit/yue',
};

/** The variants that espeak ships, clearest first. */
export const VARIANTS = {
  Female: [
    'f2',
    'f3',
    'f1',
    'f4',
    'f5',
    'Annie',
    'belinda',
    'linda',
    'steph',
    'anika',
    'Andrea',
    'shelby',
    'aunty',
    'grandma',
  ],
  Male: ['m3', 'm1', 'm2', 'm4', 'm5', 'm6', 'm7', 'm8', 'adam', 'Lee', 'john', 'michel', 'travis', 'victor'],
} as const;

/** Children's, higher voices: [Voices in Polly](https://docs.aws.amazon.com/polly/latest/dg/available-voices.html). */
const CHILDREN = new Set(['Ivy', 'Justin', 'Kevin']);
const CHILD_PITCH = 75;
const ADULT_PITCH = 50;

const variants = new Map(VOICES.map((voice) => [voice.id, variantOf(voice)]));

/**
 * @param language the spoken language: the voice's own, an additional one, or that of a `<lang>`.
 * @throws RangeError for a voice that isn't in the table of `@setlist/polly`.
 */
export function espeakVoice(voiceId: string, language: string, whispered = false): EspeakVoice {
  const voice = findVoice(voiceId);
  const variant = variants.get(voiceId);
  if (!voice || !variant) throw new RangeError(`No voice ${voiceId}`);
  const spoken = ESPEAK_LANGUAGES[language] ?? 'gmw/en-US';
  const whisper = voice.gender === 'Female' ? 'whisperf' : 'whisper';
  return {
    name: `${spoken}+${whispered ? whisper : variant}`,
    pitch: CHILDREN.has(voiceId) ? CHILD_PITCH : ADULT_PITCH,
  };
}

/** Voices that share an espeak language and a sex get different variants, so that no two sound alike. */
function variantOf(voice: Voice): string {
  const family = VOICES.filter(
    (other) =>
      other.gender === voice.gender && ESPEAK_LANGUAGES[other.language] === ESPEAK_LANGUAGES[voice.language],
  );
  const choices = VARIANTS[voice.gender];
  return choices[family.findIndex(({ id }) => id === voice.id) % choices.length] ?? choices[0];
}
