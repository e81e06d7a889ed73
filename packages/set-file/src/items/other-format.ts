/** Suggests another format for a file whose name has its extension, with whatever else the item then needs. */
import { FORMATS, type OutputFormat, SPEECH_MARK_ENGINES } from '@setlist/polly';
import type { ItemContext } from './item-context.ts';

/** Whether the item's engine can make the format. */
export function engineMakes(format: OutputFormat, { engine }: ItemContext): boolean {
  return format !== 'json' || !engine || SPEECH_MARK_ENGINES.includes(engine.value);
}

/** Such as `"output-format: pcm" with "sample-rate: 8000" or "sample-rate: 16000"`. */
export function otherFormat(format: OutputFormat, context: ItemContext): string {
  const { sampleRate, speechMarks, textType } = context;
  const hasMarks = speechMarks ? speechMarks.value.length > 0 : false;
  const changes: string[] = [];
  if (format === 'json') {
    const isFitting = textType?.value !== 'text' || !speechMarks?.value.includes('ssml');
    if (!hasMarks || !isFitting) changes.push('with "speech-marks: [sentence, word]"');
    if (sampleRate?.own) changes.push('without "sample-rate"');
  } else {
    if (sampleRate && !keepsRate(format, sampleRate.value, context)) changes.push(`with ${ratesOf(format)}`);
    if (hasMarks && speechMarks?.own) changes.push('without "speech-marks"');
  }
  return [`"output-format: ${format}"`, changes.join(' and ')].join(' ').trimEnd();
}

/** How long the text is, is not known here: a rate for short texts alone is kept if it has been one for these alone. */
function keepsRate(format: OutputFormat, rate: number, context: ItemContext): boolean {
  const { sampleRates, taskSampleRates } = FORMATS[format];
  const fitsLongTexts =
    context.format !== null && FORMATS[context.format.value].taskSampleRates.includes(rate);
  return (fitsLongTexts ? taskSampleRates : sampleRates).includes(rate);
}

/** Those that fit whatever the text's length. */
function ratesOf(format: OutputFormat): string {
  return FORMATS[format].taskSampleRates.map((rate) => `"sample-rate: ${rate}"`).join(' or ');
}
