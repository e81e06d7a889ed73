/** Checks an item's sample rate and speech marks against its format. */
import {
  defaultSampleRate,
  FORMATS,
  type Operation,
  SPEECH_MARK_ENGINES,
  type SpeechMarkType,
} from '@setlist/polly';
import type { Fields } from '../fields/read-fields.ts';
import { type ItemContext, place } from './item-context.ts';
import { engineMakes, otherFormat } from './other-format.ts';

/** The sample rate in Hz, written or default. For speech marks, which are not audio, it is the rate of the voice. */
export function checkSampleRate(
  context: ItemContext,
  { values, at, path }: Fields,
  operation: Operation,
): number | undefined {
  const { engine, format, sampleRate } = context;
  if (!engine || !format || sampleRate === null) return undefined;
  const usual = defaultSampleRate(engine.value, format.value) ?? defaultSampleRate(engine.value, 'mp3');
  if (sampleRate === undefined) return usual;
  // A rate in `defaults` is meant for audio, and does not prevent speech marks.
  if (format.value === 'json' && !sampleRate.own) return usual;
  const { sampleRates, taskSampleRates } = FORMATS[format.value];
  const rates = operation === 'task' ? taskSampleRates : sampleRates;
  if (rates.includes(sampleRate.value)) return sampleRate.value;
  const forLongTexts = operation === 'task' && sampleRates.includes(sampleRate.value);
  const message = forLongTexts
    ? `a text this long, or with pauses this long, can't be rendered at ${sampleRate.value} Hz`
    : `${format.value} has no sample rate of ${sampleRate.value} Hz`;
  const split = forLongTexts
    ? ', or split the text into items of at most 3,000 characters and less than ten minutes'
    : '';
  const remedy = rates.length === 0 ? 'remove "sample-rate"' : `use ${rates.join(' or ')}${split}`;
  const text = { value: '', at: values.text?.start ?? at, path: `${path}.text`, own: true };
  const culprits = [sampleRate, format, ...(forLongTexts ? [text] : [])];
  context.report({ ...place(context, ...culprits), code: 'sample-rate', message, remedy });
  return undefined;
}

/** The types of speech marks to request: at least one for `json`, none for audio. */
export function checkSpeechMarks(context: ItemContext): readonly SpeechMarkType[] | undefined {
  const { engine, format, textType, speechMarks } = context;
  if (!format || speechMarks === null) return undefined;
  const types = speechMarks?.value ?? [];
  if (format.value !== 'json') {
    // Types in `defaults` are meant for the items with speech marks.
    if (types.length === 0 || !speechMarks?.own) return [];
    const message = `"speech-marks" needs the format json, and this item is ${format.value}`;
    const asJson = `write ${otherFormat('json', context)}, and another item for the audio`;
    const remedy = engineMakes('json', context) ? asJson : 'remove "speech-marks"';
    context.report({ ...place(context, speechMarks), code: 'speech-marks', message, remedy });
    return undefined;
  }
  if (types.length === 0) {
    const remedy = 'add "speech-marks: [sentence, word]", or choose an audio format';
    const message = 'the format json is for speech marks, and none are requested';
    context.report({ ...place(context, format, speechMarks), code: 'speech-marks', message, remedy });
    return undefined;
  }
  if (speechMarks && types.includes('ssml') && textType?.value === 'text') {
    const remedy = 'write "text-type: ssml", or remove "ssml" from "speech-marks"';
    const message = 'marks of type ssml need a text of type ssml';
    context.report({ ...place(context, speechMarks, textType), code: 'speech-marks', message, remedy });
    return undefined;
  }
  if (engine && !SPEECH_MARK_ENGINES.includes(engine.value)) {
    const message = `the ${engine.value} engine has no speech marks`;
    const remedy = `use one of the engines ${SPEECH_MARK_ENGINES.join(', ')}`;
    context.report({ ...place(context, engine, format), code: 'speech-marks', message, remedy });
    return undefined;
  }
  return types;
}
