/** Suggests another format for a file whose name has its extension, with whatever else the item then needs. */
import { FORMATS, type OutputFormat } from '@setlist/polly';
import type { ItemContext } from './item-context.ts';

/** Such as `"output-format: pcm" with "sample-rate: 8000" or "sample-rate: 16000"`. */
export function otherFormat(format: OutputFormat, { sampleRate, speechMarks }: ItemContext): string {
  const { sampleRates } = FORMATS[format];
  const hasMarks = speechMarks ? speechMarks.value.length > 0 : false;
  const changes: string[] = [];
  if (format === 'json') {
    if (!hasMarks) changes.push('with "speech-marks: [sentence, word]"');
    if (sampleRate?.own) changes.push('without "sample-rate"');
  } else {
    const rates = sampleRates.map((rate) => `"sample-rate: ${rate}"`).join(' or ');
    if (sampleRate && !sampleRates.includes(sampleRate.value)) changes.push(`with ${rates}`);
    if (hasMarks && speechMarks?.own) changes.push('without "speech-marks"');
  }
  return [`"output-format: ${format}"`, changes.join(' and ')].join(' ').trimEnd();
}
