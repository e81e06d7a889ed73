/** Makes an item of what is written, or reports everything that keeps it from being one. */
import type { Engine, Operation, OutputFormat, SpeechMarkType, TextType } from '@setlist/polly';
import type { Fields } from '../fields/read-fields.ts';
import type { Position } from '../source/line-index.ts';
import { checkSampleRate, checkSpeechMarks } from './check-format.ts';
import { checkText, type WrittenText } from './check-text.ts';
import { checkVoice } from './check-voice.ts';
import type { FileNames } from './file-names.ts';
import { type FileContext, itemContext } from './item-context.ts';

/** A phrase with everything settled that Polly is to be asked. */
export type ParsedItem = {
  /** Counted from 0, in the order of the file; part of the default file name. */
  readonly index: number;
  /** Without the set's prefix; parts joined by `/`. */
  readonly file: string;
  /** Where the item begins in the set file, from 1. */
  readonly line: number;
  readonly column: number;
  readonly engine: Engine;
  readonly voice: string;
  /** Absent only for a voice that is not in the table, when no language is written. */
  readonly language?: string;
  readonly format: OutputFormat;
  /** Hz; for `json`, which is no sound, the rate that the voice would have. */
  readonly sampleRate: number;
  readonly textType: TextType;
  readonly text: string;
  /** Names, in the order in which they are applied. */
  readonly lexicons: readonly string[];
  /** Sorted; empty unless the format is `json`. */
  readonly speechMarks: readonly SpeechMarkType[];
  /** Code points without SSML tags, white space included. */
  readonly billedCharacters: number;
  /** The operation of Polly that takes a text this long. */
  readonly operation: Operation;
};

/** What all items of a file have in common. */
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
