/** Checks that an item's voice supports its engine and speaks its language. */
import { type Engine, findVoice, LANGUAGES, VOICES, type Voice } from '@setlist/polly';
import type { Written } from '../fields/settings.ts';
import { BUILT_IN } from '../schema.ts';
import { type ItemContext, place } from './item-context.ts';

/** The maximum number of voices that a remedy names. */
const NAMED_VOICES = 5;

/**
 * The language to request from Polly; undefined if the voice is unknown and no language is written. If none is written,
 * a voice that doesn't speak the default language speaks its own.
 */
export function checkVoice(context: ItemContext): string | undefined {
  const { voice: written, engine, language } = context;
  if (!written) return language?.value;
  const voice = findVoice(written.value);
  if (voice === undefined) return language?.value;
  if (engine && !voice.engines.includes(engine.value)) reportEngine(context, voice, written, engine);
  if (language === null) return undefined;
  if (language === undefined)
    return speaks(voice, BUILT_IN.languageCode) ? BUILT_IN.languageCode : voice.language;
  if (Object.hasOwn(LANGUAGES, language.value) && !speaks(voice, language.value)) {
    reportLanguage(context, voice, written, language);
  }
  return language.value;
}

function reportEngine(
  context: ItemContext,
  voice: Voice,
  written: Written<string>,
  engine: Written<Engine>,
): void {
  const others = namesOf((other) => other.engines.includes(engine.value) && speaks(other, voice.language));
  const own = voice.engines.map((name) => `"engine: ${name}"`).join(' or ');
  context.report({
    ...place(context, written, engine),
    code: 'voice-engine',
    message: `the voice ${voice.id} has no ${engine.value} engine`,
    remedy: `write ${own}${others === '' ? '' : `, or use a voice that has it: ${others}`}`,
    lenient: true,
  });
}

function reportLanguage(
  context: ItemContext,
  voice: Voice,
  written: Written<string>,
  language: Written<string>,
): void {
  const engine = context.engine?.value;
  const others = namesOf(
    (other) => speaks(other, language.value) && (engine === undefined || other.engines.includes(engine)),
  );
  const own = [voice.language, ...voice.additionalLanguages]
    .map((code) => `"language-code: ${code}"`)
    .join(' or ');
  context.report({
    ...place(context, written, language),
    code: 'voice-language',
    message: `the voice ${voice.id} does not speak ${language.value}`,
    remedy: `write ${own}${others === '' ? '' : `, or use a voice that speaks it: ${others}`}`,
    lenient: true,
  });
}

function speaks(voice: Voice, language: string): boolean {
  return voice.language === language || voice.additionalLanguages.includes(language);
}

function namesOf(fits: (voice: Voice) => boolean): string {
  const names = VOICES.filter(fits).map((voice) => voice.id);
  return names.length > NAMED_VOICES ? `${names.slice(0, NAMED_VOICES).join(', ')} …` : names.join(', ');
}
