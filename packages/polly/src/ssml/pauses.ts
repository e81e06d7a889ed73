/** Adds up the pauses of an SSML text: they are not billed, so that its characters don't tell how long its audio is. */
import { SaxesParser } from 'saxes';
import { LIMITS } from '../quotas.ts';
import { maskStrays } from './strays.ts';
import { millisecondsOf } from './values.ts';

/**
 * The sum of the `<break time>`s, in milliseconds. A `strength` counts as nothing, since AWS documents no length for it.
 * Malformed SSML, which Polly refuses, is read as far as it can be.
 */
export function pausesMs(ssml: string): number {
  if (!ssml.includes('<break')) return 0;
  const parser = new SaxesParser({ xmlns: false, position: false });
  let sum = 0;
  parser.on('opentag', ({ name, attributes }) => {
    if (name !== 'break' || attributes.time === undefined) return;
    sum += Math.min(millisecondsOf(attributes.time) ?? 0, LIMITS.breakMs);
  });
  // Errors are for `checkSsml` to report.
  parser.on('error', () => {});
  parser.write(maskStrays(ssml).masked).close();
  return sum;
}
