import { newEvent } from '@setlist/contracts';
import { acceptedData } from '@setlist/testkit';
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

const acceptedAt = (uri: string, warnings: number): string[] => {
  const data = acceptedData({ source: { ...acceptedData().source, uri }, provider: 'polly', warnings });
  const event = newEvent('SetAccepted', data, { source: 'ingest', now: new Date(0), setId: 'x' });
  return newsOf(event, pico.createColors(false), (command) => command);
};

test.each([
  [
    's3://my-sets/in/gates.yml',
    's3://my-sets/in/gates.yml.warnings.txt, unless the file was replaced before it was accepted',
  ],
  ['file:///inbox/gates.yml', "the .warnings.txt beside it in the inbox's done/ folder"],
])('an accepted %s is reported with how many warnings there are, and where', (uri, where) => {
  const [line, ...more] = acceptedAt(uri, 2);
  expect(line).toMatch(/^accepted {3}x: 1 item, \d+ characters, \$0\.01 at most$/);
  expect(more).toEqual([`           2 warnings about gates.yml: see ${where}`]);
  expect(acceptedAt(uri, 0)).toEqual([line]);
});
