/** `setlist voices`: which voice speaks which language with which engine. */
import { countOf } from '@setlist/contracts';
import { type Engine, LANGUAGES, VOICES_AS_OF, type Voice, voicesOf } from '@setlist/polly';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { refused } from '../failure.ts';
import { table } from '../output/text/table.ts';
import type { Surroundings } from '../surroundings.ts';

export interface VoicesFlags {
  /** `en`, or `en-GB`. */
  readonly language?: string;
  readonly engine?: Engine;
  readonly json?: boolean;
}

export async function voices(flags: VoicesFlags, { terminal }: Surroundings): Promise<ExitCode> {
  const found = voicesOf(flags);
  if (found.length === 0) {
    throw refused(
      `no voice speaks ${flags.language ?? 'that'}${flags.engine ? ` with the ${flags.engine} engine` : ''}`,
      `Codes look like en, en-GB or cmn-CN; "setlist voices" without options lists all.`,
    );
  }
  if (flags.json) {
    for (const { id, name, gender, language, additionalLanguages, engines } of found) {
      terminal.print(JSON.stringify({ id, name, gender, language, additionalLanguages, engines }));
    }
    return EXIT.done;
  }
  const columns = [
    { title: 'Language' },
    { title: 'Code' },
    { title: 'Voice' },
    { title: 'Gender' },
    { title: 'Engines' },
  ];
  const sorted = found.toSorted(byLanguageName);
  const rows = sorted.map((voice, at) => {
    const again = sorted[at - 1]?.language === voice.language;
    return [
      again ? '' : languageName(voice),
      again ? '' : voice.language,
      voice.id,
      voice.gender,
      enginesOf(voice),
    ];
  });
  for (const line of table(columns, rows, terminal.paint.bold)) terminal.print(line);
  terminal.say(
    terminal.paintSaid.dim(
      `${countOf(found.length, 'voice')}, as documented on ${VOICES_AS_OF}. A region may have fewer, and AWS adds some several times a year.`,
    ),
  );
  return EXIT.done;
}

const languageName = ({ language }: Voice): string => LANGUAGES[language] ?? language;

const byLanguageName = (a: Voice, b: Voice): number =>
  languageName(a).localeCompare(languageName(b), 'en') || a.id.localeCompare(b.id, 'en');

function enginesOf({ engines, additionalLanguages }: Voice): string {
  const also = additionalLanguages.length > 0 ? ` (also ${additionalLanguages.join(', ')})` : '';
  return engines.join(', ') + also;
}
