/** The length of audio for which nothing is billed. */
import { expect, test } from 'vitest';
import { pausesMs } from './pauses.ts';

test.each([
  ['no pause', 'Ah, so.', 0],
  ['seconds and milliseconds', '<break time="1.5s"/>a<break time="250ms"></break>', 1_750],
  ['pauses within other tags', '<p><s>a<break time=".5s"/></s></p>', 500],
  ['a time that is written as a number of its characters', '<break time="&#49;s"/>', 1_000],
  ['the time of a pause with a strength', '<break strength="none" time="2s"/>', 2_000],
  ['no strength', '<break strength="x-strong"/><break/>', 0],
  ['no more than ten seconds of one pause', '<break time="60s"/>', 10_000],
  ['no time that is none', '<break time="long"/>', 0],
  ['no comment', '<!-- <break time="1s"/> -->', 0],
  ['what follows a fault', 'a & b <break time="1s"> <break time="2s"/>', 3_000],
])('counts %s', (_, content, ms) => {
  expect(pausesMs(`<speak>${content}</speak>`)).toBe(ms);
});
