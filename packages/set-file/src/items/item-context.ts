/** The input of an item's checks: its settings with the defaults filled in, and the position to report. */
import type { Engine, OutputFormat, SpeechMarkType, TextType } from '@setlist/polly';
import type { Fields } from '../fields/read-fields.ts';
import { readSettings, type SettingKey, type Settings, type Written } from '../fields/settings.ts';
import { type Finding, onceOutside, type Report } from '../problems.ts';
import { BUILT_IN } from '../schema.ts';
import { engineWhereUnnamed } from './unnamed-engine.ts';

/** A setting is null if it was reported and can't be used, and undefined if it is not written and has no default. */
export type ItemContext = {
  readonly index: number;
  /** Offset of the item in the source. */
  readonly at: number;
  readonly path: string;
  readonly report: Report;
  readonly engine: Written<Engine> | null;
  readonly voice: Written<string> | null;
  readonly format: Written<OutputFormat> | null;
  readonly textType: Written<TextType> | null;
  readonly language: Written<string> | null | undefined;
  readonly sampleRate: Written<number> | null | undefined;
  readonly lexicons: Written<readonly string[]> | null | undefined;
  readonly speechMarks: Written<readonly SpeechMarkType[]> | null | undefined;
};

/** What applies to all items of a file. */
export type FileContext = {
  readonly defaults: Settings;
  readonly compat: boolean;
  readonly report: Report;
};

export function itemContext(
  index: number,
  fields: Fields,
  { defaults, compat, report: reportAll }: FileContext,
): ItemContext {
  const report = onceOutside(fields, reportAll);
  const own = readSettings(fields, true, report, defaults['voice-id']?.value ?? BUILT_IN.voiceId);
  const { at, path } = fields;
  const pick = <K extends SettingKey>(key: K): Settings[K] =>
    own[key] === undefined ? defaults[key] : own[key];
  const builtIn = <T>(value: T): Written<T> => ({ value, at, path, own: true });
  const orBuiltIn = <T>(written: Written<T> | null | undefined, value: T): Written<T> | null =>
    written === undefined ? builtIn(value) : written;
  const voice = orBuiltIn<string>(pick('voice-id'), BUILT_IN.voiceId);
  const textType = orBuiltIn<TextType>(pick('text-type'), BUILT_IN.textType);
  const unnamedEngine = (): Engine => {
    if (!compat || pick('engine') !== undefined) return BUILT_IN.engine;
    const { text } = fields.values;
    const spoken = { voice: voice?.value, textType: textType?.value };
    return engineWhereUnnamed({ ...spoken, text: text?.kind === 'scalar' ? text.value : undefined });
  };
  return {
    index,
    at,
    path,
    report,
    engine: orBuiltIn<Engine>(pick('engine'), unnamedEngine()),
    voice,
    format: orBuiltIn<OutputFormat>(pick('output-format'), BUILT_IN.outputFormat),
    textType,
    language: pick('language-code'),
    sampleRate: pick('sample-rate'),
    lexicons: pick('lexicons'),
    speechMarks: pick('speech-marks'),
  };
}

/**
 * The place at which to fix settings that don't fit together: the first one that the item itself writes, else the first
 * one in `defaults`, which is reported once for all items, with the first item if it lacks one of the settings.
 */
export function place(
  context: ItemContext,
  ...settings: readonly (Written<unknown> | undefined)[]
): Pick<Finding, 'at' | 'path' | 'once' | 'lacking'> {
  const written = settings.filter((setting) => setting !== undefined && setting.path !== context.path);
  const culprit = written.find((setting) => setting?.own) ?? written[0];
  if (culprit === undefined) return { at: context.at, path: context.path };
  const { at, path, own } = culprit;
  const { index, at: itemAt } = context;
  const lacking = written.length < settings.length && { lacking: { index, at: itemAt } };
  return { at, path, ...(!own && { once: true }), ...lacking };
}
