import { expect, test } from 'vitest';
import { commandsFor } from './told-command.ts';

test.each([
  [{ data: '.setlist' }, 'setlist status'],
  [{ data: '/srv/data' }, 'setlist status --data /srv/data'],
  [{ data: 'my data' }, "setlist status --data 'my data'"],
  [{ data: "Ann's" }, "setlist status --data 'Ann'\\''s'"],
  [{ data: '.setlist', server: 'nats://broker:4222' }, 'setlist status --server nats://broker:4222'],
  [{ data: '.setlist', server: 'nats://ann:pw@b:4222' }, "setlist status --server 'nats://***@b:4222'"],
])('with %o it is told as it can be typed', (reach, told) => {
  expect(commandsFor(reach)('status')).toBe(told);
});
