import { describe, expect, test } from 'vitest';
import { checkAudio, checkCallAudio } from './audio-check.ts';

const TEXT = '<speak>Call me <emphasis>Ishmael.&quot;</emphasis></speak>';
const SPOKEN = TEXT.indexOf('.&quot;');
const LIMIT_MS = 600_000;

/** Speech marks of the text, up to one of this type at this time. */
const marks = (type: string, time: number, end?: number) =>
  Buffer.from(`{"time":6,"type":"viseme","value":"k"}\n${JSON.stringify({ time, type, start: 0, end })}\n`);
const json = { format: 'json', sampleRate: 22_050, text: TEXT } as const;
const cutOff = { code: 'audio-cut-off' };

describe('the speech marks of a call', () => {
  test.each([
    ['a word before the end of the text', marks('word', LIMIT_MS - 11_000, SPOKEN - 4)],
    ['a sentence before it', marks('sentence', LIMIT_MS + 9_000, SPOKEN - 4)],
    ['a viseme, which has no place in the text', marks('viseme', LIMIT_MS - 400)],
    ['a mark of the text, after which there may be others', marks('ssml', LIMIT_MS - 400, SPOKEN)],
  ])('are cut off if they end at the limit with %s', async (_, cut) => {
    await expect(checkCallAudio(cut, json)).rejects.toMatchObject(cutOff);
    expect(await checkAudio(cut, json)).toBeGreaterThan(LIMIT_MS - 12_000);
  });

  test.each([
    ['at the limit with the last word', marks('word', LIMIT_MS + 9_000, SPOKEN), LIMIT_MS + 9_000],
    ['before the limit', marks('word', LIMIT_MS - 40_000, SPOKEN - 4), LIMIT_MS - 40_000],
    ['shortly before it with a viseme', marks('viseme', LIMIT_MS - 600), LIMIT_MS - 600],
  ])('are whole if they end %s', async (_, whole, lastMs) => {
    expect(await checkCallAudio(whole, json)).toBe(lastMs);
  });
});

test('the audio of a call is cut off at ten minutes; that of a task is not', async () => {
  const bytes = new Uint8Array((LIMIT_MS / 1_000) * 8_000);
  const mulaw = { format: 'mulaw', sampleRate: 8_000, text: TEXT } as const;
  await expect(checkCallAudio(bytes, mulaw)).rejects.toMatchObject(cutOff);
  expect(await checkAudio(bytes, mulaw)).toBe(LIMIT_MS);
});
