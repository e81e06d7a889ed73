import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commandsFor } from './told-command.ts';

test.each([
  [{ data: '.setlist' }, 'setlist status'],
  [{ data: '/srv/data' }, 'setlist status --data /srv/data'],
  [{ data: 'my data' }, "setlist status --data 'my data'"],
  [{ data: "Ann's" }, "setlist status --data 'Ann'\\''s'"],
  [{ data: '.setlist', server: 'nats://broker:4222' }, 'setlist status --server nats://broker:4222'],
  [{ data: '.setlist', server: 'nats://ann:pw@b:4222' }, "setlist status --server 'nats://***@b:4222'"],
])('with %o, shows the command as it can be typed', (reach, told) => {
  expect(commandsFor(reach)('status')).toBe(told);
});

test('only explanations name a command without the options that say where the log is', () => {
  const root = join(import.meta.dirname, '../..');
  const told = globSync('{commands,follow}/**/*.ts', { cwd: root }).flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/"setlist [^"]*"/g)].map(
      ([text]) => `${file}: ${text}`,
    ),
  );
  expect(told.sort()).toEqual([
    'commands/plan.ts: "setlist up"',
    'commands/stored-audio/adopt.ts: "setlist up"',
    'commands/submit.ts: "setlist run"',
    'commands/submit.ts: "setlist run"',
    'commands/submit.ts: "setlist up"',
    'commands/voices.ts: "setlist voices"',
  ]);
});
