import { describe, expect, test } from 'vitest';
import { checkAudio, checkCallAudio } from './audio-check.ts';

const TEXT = '<speak>Call me <emphasis>Ishmael.&quot;</emphasis></speak>';
const SPOKEN = TEXT.indexOf('.&quot;');
const LIMIT_MS = 600_000;

const TEN_SECONDS = '<break time="10s"/>';

/** Speech marks of a text, up to one of this type at this time. */
const marks = (type: string, time: number, end?: number) =>
  Buffer.from(`{"time":6,"type":"ssml","value":"a"}\n${JSON.stringify({ time, type, start: 0, end })}\n`);
const json = { format: 'json', sampleRate: 22_050, text: TEXT, textType: 'ssml' } as const;
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

  test('are cut off if only pauses lie between the last word and the limit, and whole if they end before', async () => {
    const paused = { ...json, text: `Wait.${TEN_SECONDS.repeat(11)}The end.` };
    const before = (ms: number) => checkCallAudio(marks('word', LIMIT_MS - ms, 'Wait'.length), paused);
    await expect(before(140_000)).rejects.toMatchObject(cutOff);
    expect(await before(141_000)).toBe(LIMIT_MS - 141_000);
  });

  test('are cut off within the last sentence if its visemes end at the limit, and before it if they end earlier', async () => {
    const withVisemes = (end: number, time: number) =>
      Buffer.concat([marks('sentence', LIMIT_MS - 20_000, end), marks('viseme', time)]);
    for (const [end, time] of [
      [TEXT.length, LIMIT_MS - 400],
      [SPOKEN - 4, LIMIT_MS - 5_000],
    ] as const)
      await expect(checkCallAudio(withVisemes(end, time), json)).rejects.toMatchObject(cutOff);
    const whole = withVisemes(TEXT.length, LIMIT_MS - 5_000);
    expect(await checkCallAudio(whole, json)).toBe(LIMIT_MS - 5_000);
  });

  test('are cut off in a pause after the last viseme, where there are no words', async () => {
    const paused = { ...json, text: `Wait.${TEN_SECONDS}The end.` };
    const sentence = marks('sentence', LIMIT_MS - 20_000, paused.text.length);
    for (const earlier of [Buffer.of(), sentence]) {
      const before = (ms: number) =>
        checkCallAudio(Buffer.concat([earlier, marks('viseme', LIMIT_MS - ms)]), paused);
      await expect(before(10_500)).rejects.toMatchObject(cutOff);
      expect(await before(10_501)).toBe(LIMIT_MS - 10_501);
    }
    const before = (text: string, ms: number) =>
      checkCallAudio(marks('viseme', LIMIT_MS - ms), { ...json, text });
    await expect(before(`Wait.${TEN_SECONDS.repeat(3)}The end.`, 30_500)).rejects.toMatchObject(cutOff);
    expect(await before('Wait.<break time="200ms"/>The end.', 701)).toBe(LIMIT_MS - 701);
  });

  test('are cut off before words of a plain text that look like a tag', async () => {
    const plain = { ...json, text: 'Press <enter>', textType: 'text' } as const;
    const cut = marks('word', LIMIT_MS - 11_000, 'Press'.length);
    await expect(checkCallAudio(cut, plain)).rejects.toMatchObject(cutOff);
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
  const mulaw = { ...json, format: 'mulaw', sampleRate: 8_000 } as const;
  await expect(checkCallAudio(bytes, mulaw)).rejects.toMatchObject(cutOff);
  expect(await checkAudio(bytes, mulaw)).toBe(LIMIT_MS);
});
