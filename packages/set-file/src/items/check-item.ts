/** Makes an item from its fields, or reports all problems that prevent it. */
import type { Engine, Operation, OutputFormat, SpeechMarkType, TextType } from '@setlist/polly';
import type { Fields } from '../fields/read-fields.ts';
import type { Position } from '../source/line-index.ts';
import { checkSampleRate, checkSpeechMarks } from './check-format.ts';
import { checkText, type WrittenText } from './check-text.ts';
import { checkVoice } from './check-voice.ts';
import type { FileNames } from './file-names.ts';
import { type FileContext, itemContext } from './item-context.ts';

/** A phrase with all settings of its request to Polly. */
export type ParsedItem = {
  /** Counted from 0, in the order of the file; part of the default file name. */
  readonly index: number;
  /** The file's name, without the set's prefix; parts joined by `/`. */
  readonly file: string;
  /** The item's position in the set file, counted from 1. */
  readonly line: number;
  readonly column: number;
  readonly engine: Engine;
  readonly voice: string;
  /** Absent only if the voice is not in the table and no language is written. */
  readonly language?: string;
  readonly format: OutputFormat;
  /** In Hz; for `json`, which is not audio, the rate that the voice would have. */
  readonly sampleRate: number;
  readonly textType: TextType;
  readonly text: string;
  /** The names, in the order in which they are applied. */
  readonly lexicons: readonly string[];
  /** Sorted; empty unless the format is `json`. */
  readonly speechMarks: readonly SpeechMarkType[];
  /** In code points, without SSML tags but with white space. */
  readonly billedCharacters: number;
  /** The operation of Polly that accepts a text of this length. */
  readonly operation: Operation;
};

/** What the items of a file share. */
export type SetContext = FileContext & {
  readonly writtenAt: WrittenText;
  readonly files: FileNames;
  readonly positionOf: (offset: number) => Position;
};

export function checkItem(index: number, fields: Fields, set: SetContext): ParsedItem | undefined {
  const context = itemContext(index, fields, set);
  const language = checkVoice(context);
  const text = checkText(context, fields, set.writtenAt);
  const sampleRate = checkSampleRate(context, fields, text?.operation ?? 'synthesize');
  const speechMarks = checkSpeechMarks(context);
  const file = set.files.name(context, fields, text?.text);
  const { engine, voice, format, textType, lexicons } = context;
  if (!engine || !voice || !format || !textType || lexicons === null) return undefined;
  if (!text || sampleRate === undefined || speechMarks === undefined || file === undefined) return undefined;
  return {
    index,
    file,
    ...set.positionOf(fields.at),
    engine: engine.value,
    voice: voice.value,
    ...(language !== undefined && { language }),
    format: format.value,
    sampleRate,
    textType: textType.value,
    ...text,
    lexicons: lexicons?.value ?? [],
    speechMarks,
  };
}
