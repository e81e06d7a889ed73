import { newEvent } from '@setlist/contracts';
import pico from 'picocolors';
import { expect, test } from 'vitest';
import { newsOf } from './set-news.ts';

const refusedAt = (uri: string): string[] => {
  const data = {
    run: '20261122t205012-k3f9q2',
    notify: [],
    source: { uri, bytes: 1 },
    problems: [{ line: 1, column: 2, path: '', code: 'unknown-key', message: 'no', remedy: 'yes' }],
    problemCount: 1,
  };
  const event = newEvent('SetRejected', data, { source: 'ingest', now: new Date(0), setId: 'x' });
  return newsOf(event, pico.createColors(false), (command) => command);
};

const UNLESS = ', unless the file was replaced before it was refused';
const LONG = 'a'.repeat(251);

test.each([
  ['s3://my-sets/in/50%off.yml', '50%off.yml', `s3://my-sets/in/50%off.yml.problems.txt${UNLESS}`],
  ['s3://my-sets/in/Act #1.yml', 'Act #1.yml', `s3://my-sets/in/Act #1.yml.problems.txt${UNLESS}`],
  [
    `s3://my-sets/in/${LONG}.yml`,
    `${LONG}.yml`,
    `s3://my-sets/in/${LONG.slice(0, 203)}.yml.problems.txt${UNLESS}`,
  ],
  ['file:///inbox/romeo%20juliet.yml', 'romeo juliet.yml', "beside it in the inbox's rejected/ folder"],
])('a refused %s is reported under its file name, with the place of its report', (uri, name, report) => {
  expect(refusedAt(uri)).toEqual([
    `refused    ${name}: 1 problem; the report is ${report}`,
    `           ${name}:1:2: no (yes)`,
  ]);
});
