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
  // How long the text is, is not known here: these rates fit whatever its length.
  const { taskSampleRates: sampleRates } = FORMATS[format];
  const hasMarks = speechMarks ? speechMarks.value.length > 0 : false;
  const changes: string[] = [];
  if (format === 'json') {
    const isFitting = textType?.value !== 'text' || !speechMarks?.value.includes('ssml');
    if (!hasMarks || !isFitting) changes.push('with "speech-marks: [sentence, word]"');
    if (sampleRate?.own) changes.push('without "sample-rate"');
  } else {
    const rates = sampleRates.map((rate) => `"sample-rate: ${rate}"`).join(' or ');
    if (sampleRate && !sampleRates.includes(sampleRate.value)) changes.push(`with ${rates}`);
    if (hasMarks && speechMarks?.own) changes.push('without "speech-marks"');
  }
  return [`"output-format: ${format}"`, changes.join(' and ')].join(' ').trimEnd();
}
