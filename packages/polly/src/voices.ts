/** Which voice speaks which language with which engine, as documented on a date: DescribeVoices, which knows, is not asked. */
import type { Engine } from './vocabulary.ts';

export type Voice = {
  /** The id for requests; ASCII, case-sensitive. */
  readonly id: string;
  /** The name for people, accents included. */
  readonly name: string;
  readonly gender: 'Female' | 'Male';
  /** The code of the language that the voice speaks by default. */
  readonly language: string;
  /** The language codes that a bilingual voice also speaks, if a request names one. */
  readonly additionalLanguages: readonly string[];
  /** Never empty; in the order of `ENGINES`. */
  readonly engines: readonly Engine[];
};

/**
 * The date of the documentation from which `VOICES` was taken. AWS adds voices several times a year, and not every
 * region has every engine: only DescribeVoices knows those of the account's region, and nothing asks it. So `--compat` lets
 * through what this table lacks, and the provider decides.
 */
export const VOICES_AS_OF = '2026-04-20';

/**
 * The voices of the SDK's `VoiceId`, with the engines of the four pages under
 * [Voice engines](https://docs.aws.amazon.com/polly/latest/dg/voice-engines-polly.html) and the languages of
 * [Bilingual voices](https://docs.aws.amazon.com/polly/latest/dg/bilingual-voices.html).
 *
 * Where those pages contradict each other, a voice gets every engine that either names, since a needless refusal is
 * worse than an error that costs nothing. That applies to three voices of en-US: the standard page lists Kevin and
 * omits Justin and Matthew, yet its own count of male voices is right only with those two. The long-form voices
 * Patrick, Alba and Raúl are documented but unknown to the SDK, so they are absent.
 */
export const VOICES: readonly Voice[] = [
  { ...voice('ar-AE', 'Hala', 'Female', ['neural']), additionalLanguages: ['arb'] },
  { ...voice('ar-AE', 'Zayd', 'Male', ['neural']), additionalLanguages: ['arb'] },
  voice('arb', 'Zeina', 'Female', ['standard']),
  voice('ca-ES', 'Arlet', 'Female', ['neural']),
  voice('cmn-CN', 'Zhiyu', 'Female', ['standard', 'neural']),
  voice('cs-CZ', 'Jitka', 'Female', ['neural']),
  voice('cy-GB', 'Gwyneth', 'Female', ['standard']),
  voice('da-DK', 'Mads', 'Male', ['standard']),
  voice('da-DK', 'Naja', 'Female', ['standard']),
  voice('da-DK', 'Sofie', 'Female', ['neural']),
  voice('de-AT', 'Hannah', 'Female', ['neural', 'generative']),
  voice('de-CH', 'Sabrina', 'Female', ['neural', 'generative']),
  voice('de-DE', 'Daniel', 'Male', ['neural', 'generative']),
  voice('de-DE', 'Hans', 'Male', ['standard']),
  voice('de-DE', 'Lennart', 'Male', ['generative']),
  voice('de-DE', 'Marlene', 'Female', ['standard']),
  voice('de-DE', 'Vicki', 'Female', ['standard', 'neural', 'generative']),
  voice('en-AU', 'Nicole', 'Female', ['standard']),
  voice('en-AU', 'Olivia', 'Female', ['neural', 'generative']),
  voice('en-AU', 'Russell', 'Male', ['standard']),
  voice('en-GB', 'Amy', 'Female', ['standard', 'neural', 'generative']),
  voice('en-GB', 'Arthur', 'Male', ['neural']),
  voice('en-GB', 'Brian', 'Male', ['standard', 'neural', 'generative']),
  voice('en-GB', 'Emma', 'Female', ['standard', 'neural']),
  voice('en-GB-WLS', 'Geraint', 'Male', ['standard']),
  voice('en-IE', 'Niamh', 'Female', ['neural', 'generative']),
  { ...voice('en-IN', 'Aditi', 'Female', ['standard']), additionalLanguages: ['hi-IN'] },
  { ...voice('en-IN', 'Kajal', 'Female', ['neural', 'generative']), additionalLanguages: ['hi-IN'] },
  voice('en-IN', 'Raveena', 'Female', ['standard']),
  voice('en-NZ', 'Aria', 'Female', ['neural', 'generative']),
  voice('en-SG', 'Jasmine', 'Female', ['neural', 'generative']),
  voice('en-US', 'Danielle', 'Female', ['neural', 'long-form', 'generative']),
  voice('en-US', 'Gregory', 'Male', ['neural', 'long-form']),
  voice('en-US', 'Ivy', 'Female', ['standard', 'neural']),
  voice('en-US', 'Joanna', 'Female', ['standard', 'neural', 'generative']),
  voice('en-US', 'Joey', 'Male', ['standard', 'neural']),
  voice('en-US', 'Justin', 'Male', ['standard', 'neural']),
  voice('en-US', 'Kendra', 'Female', ['standard', 'neural']),
  voice('en-US', 'Kevin', 'Male', ['standard', 'neural']),
  voice('en-US', 'Kimberly', 'Female', ['standard', 'neural']),
  voice('en-US', 'Matthew', 'Male', ['standard', 'neural', 'generative']),
  voice('en-US', 'Ruth', 'Female', ['neural', 'long-form', 'generative']),
  voice('en-US', 'Salli', 'Female', ['standard', 'neural', 'generative']),
  voice('en-US', 'Stephen', 'Male', ['neural', 'generative']),
  voice('en-US', 'Tiffany', 'Female', ['generative']),
  voice('en-ZA', 'Ayanda', 'Female', ['neural', 'generative']),
  voice('es-ES', 'Conchita', 'Female', ['standard']),
  voice('es-ES', 'Enrique', 'Male', ['standard']),
  voice('es-ES', 'Lucia', 'Female', ['standard', 'neural', 'generative']),
  voice('es-ES', 'Sergio', 'Male', ['neural', 'generative']),
  { ...voice('es-MX', 'Andres', 'Male', ['neural', 'generative']), name: 'Andrés' },
  voice('es-MX', 'Mia', 'Female', ['standard', 'neural', 'generative']),
  voice('es-US', 'Lupe', 'Female', ['standard', 'neural', 'generative']),
  voice('es-US', 'Miguel', 'Male', ['standard']),
  voice('es-US', 'Pedro', 'Male', ['neural', 'generative']),
  { ...voice('es-US', 'Penelope', 'Female', ['standard']), name: 'Penélope' },
  voice('fi-FI', 'Suvi', 'Female', ['neural']),
  voice('fr-BE', 'Isabelle', 'Female', ['neural', 'generative']),
  voice('fr-CA', 'Chantal', 'Female', ['standard']),
  voice('fr-CA', 'Gabrielle', 'Female', ['neural', 'generative']),
  voice('fr-CA', 'Liam', 'Male', ['neural', 'generative']),
  voice('fr-FR', 'Ambre', 'Female', ['generative']),
  { ...voice('fr-FR', 'Celine', 'Female', ['standard', 'generative']), name: 'Céline' },
  voice('fr-FR', 'Florian', 'Male', ['generative']),
  { ...voice('fr-FR', 'Lea', 'Female', ['standard', 'neural', 'generative']), name: 'Léa' },
  voice('fr-FR', 'Mathieu', 'Male', ['standard']),
  { ...voice('fr-FR', 'Remi', 'Male', ['neural', 'generative']), name: 'Rémi' },
  { ...voice('is-IS', 'Dora', 'Female', ['standard']), name: 'Dóra' },
  voice('is-IS', 'Karl', 'Male', ['standard']),
  voice('it-IT', 'Adriano', 'Male', ['neural']),
  voice('it-IT', 'Beatrice', 'Female', ['generative']),
  voice('it-IT', 'Bianca', 'Female', ['standard', 'neural', 'generative']),
  voice('it-IT', 'Carla', 'Female', ['standard']),
  voice('it-IT', 'Giorgio', 'Male', ['standard']),
  voice('it-IT', 'Lorenzo', 'Male', ['generative']),
  voice('ja-JP', 'Kazuha', 'Female', ['neural']),
  voice('ja-JP', 'Mizuki', 'Female', ['standard']),
  voice('ja-JP', 'Takumi', 'Male', ['standard', 'neural']),
  voice('ja-JP', 'Tomoko', 'Female', ['neural']),
  voice('ko-KR', 'Jihye', 'Female', ['neural']),
  voice('ko-KR', 'Seoyeon', 'Female', ['standard', 'neural', 'generative']),
  voice('nb-NO', 'Ida', 'Female', ['neural']),
  voice('nb-NO', 'Liv', 'Female', ['standard']),
  voice('nl-BE', 'Lisa', 'Female', ['neural', 'generative']),
  voice('nl-NL', 'Laura', 'Female', ['neural', 'generative']),
  voice('nl-NL', 'Lotte', 'Female', ['standard']),
  voice('nl-NL', 'Ruben', 'Male', ['standard']),
  voice('pl-PL', 'Ewa', 'Female', ['standard', 'generative']),
  voice('pl-PL', 'Jacek', 'Male', ['standard']),
  voice('pl-PL', 'Jan', 'Male', ['standard']),
  voice('pl-PL', 'Maja', 'Female', ['standard']),
  voice('pl-PL', 'Ola', 'Female', ['neural', 'generative']),
  voice('pt-BR', 'Camila', 'Female', ['standard', 'neural', 'generative']),
  voice('pt-BR', 'Ricardo', 'Male', ['standard']),
  voice('pt-BR', 'Thiago', 'Male', ['neural']),
  { ...voice('pt-BR', 'Vitoria', 'Female', ['standard', 'neural']), name: 'Vitória' },
  voice('pt-PT', 'Cristiano', 'Male', ['standard']),
  { ...voice('pt-PT', 'Ines', 'Female', ['standard', 'neural']), name: 'Inês' },
  voice('ro-RO', 'Carmen', 'Female', ['standard']),
  voice('ru-RU', 'Maxim', 'Male', ['standard']),
  voice('ru-RU', 'Tatyana', 'Female', ['standard']),
  voice('sv-SE', 'Astrid', 'Female', ['standard']),
  voice('sv-SE', 'Elin', 'Female', ['neural']),
  voice('tr-TR', 'Burcu', 'Female', ['neural']),
  voice('tr-TR', 'Filiz', 'Female', ['standard']),
  voice('yue-CN', 'Hiujin', 'Female', ['neural']),
];

/** A voice of one language, whose id is its name. */
function voice(language: string, id: string, gender: Voice['gender'], engines: readonly Engine[]): Voice {
  return { id, name: id, gender, language, additionalLanguages: [], engines };
}

const BY_ID: ReadonlyMap<string, Voice> = new Map(VOICES.map((entry) => [entry.id, entry]));

/** The voice with that id, letter case included (`joanna` is unknown), or `undefined` if the table has none. */
export function findVoice(id: string): Voice | undefined {
  return BY_ID.get(id);
}

/** Which voices are asked for; whatever is left out matches every voice. */
export interface VoiceQuery {
  /** A language such as `en`, or a code such as `en-GB`, in any letter case; second languages count. */
  readonly language?: string | undefined;
  readonly engine?: Engine | undefined;
}

/** The voices that speak this language with this engine, in the order of {@link VOICES}. */
export function voicesOf({ language, engine }: VoiceQuery): readonly Voice[] {
  return VOICES.filter((voice) => speaks(voice, language) && (!engine || voice.engines.includes(engine)));
}

const speaks = ({ language, additionalLanguages }: Voice, wanted: string | undefined): boolean =>
  wanted === undefined ||
  [language, ...additionalLanguages].some((code) => {
    const [asked, known] = [wanted.toLowerCase(), code.toLowerCase()];
    return known === asked || known.startsWith(`${asked}-`);
  });
