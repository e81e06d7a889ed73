/** What validate says of set files, and the other commands before they begin with them. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { jsonLines, place, setOf } from './cli.ts';

test('validate reports problems as file:line:column, as JSON too', async () => {
  await using here = await place();
  await here.write('good.yml', setOf('good', 2));
  await here.write('bad.yml', 'set:\n  name: bad\nitems:\n  - txt: Hello\n');
  const good = await here.run(['validate', 'good.yml']);
  expect(good).toMatchObject({ code: 0, stdout: 'good.yml: valid, 2 items, 34 characters\n' });
  const bad = await here.run(['validate', 'good.yml', 'bad.yml']);
  expect(bad.code).toBe(2);
  expect(bad.stdout).toMatch(/^bad\.yml:4:5: .*txt.* \(.*text.*\)$/m);
  const json = await here.run(['validate', 'good.yml', 'bad.yml', '--json']);
  expect(json.code).toBe(2);
  expect(jsonLines(json)).toMatchObject([
    { file: 'good.yml', ok: true, items: 2, problems: [] },
    { file: 'bad.yml', ok: false, problems: [{ line: 4, column: 5 }, {}] },
  ]);
  const manual = readFileSync(new URL('../../../docs/json.md', import.meta.url), 'utf8');
  const [, about = ''] = manual.slice(manual.indexOf('\n`validate`, a line')).split('\n\n');
  const unnamed = jsonLines(json).flatMap((line) =>
    Object.keys(line).filter((field) => !about.includes(`\`${field}\``)),
  );
  expect(unnamed, 'fields that the manual does not name').toEqual([]);
});

test('the warnings of a file are told beside its problems, also of those at the door or with other files', async () => {
  await using here = await place();
  const warned = `${setOf('a', 1)}    languge-code: en-US\n    output-file: a.mp3\n`;
  await here.write('own.yml', `${warned}  - voice-id: Joanna\n`);
  await here.write('door.yml', warned.replace('defaults:', '  notify: [nobody]\ndefaults:'));
  await here.write('a.yml', warned);
  await here.write('same.yml', warned.replace('Phrase', 'Another phrase'));
  for (const [command, files, code] of [
    ['validate', ['own.yml'], 'missing-text'],
    ['plan', ['door.yml'], 'unknown-channel'],
    ['run', ['a.yml', 'same.yml'], 'duplicate-file'],
  ] as const) {
    const ended = await here.run([command, ...files, '--compat', '--json']);
    expect(ended.code).toBe(2);
    expect(jsonLines(ended)).toMatchObject([
      { ok: false, problems: [{ code }], warnings: [{ code: 'unknown-key' }] },
    ]);
    const { lines } = await here.run([command, ...files, '--compat']);
    expect(lines.filter((line) => /^warning: .*languge-code/.test(line))).toHaveLength(files.length);
  }
});

test('validate says which texts need a Polly task, and so a bucket', async () => {
  await using here = await place();
  const texts = [3_000, 3_001].map((length) => `  - text: ${'a'.repeat(length)}\n`);
  await here.write('long.yml', `set: {name: long}\nitems:\n${texts.join('')}`);
  const { code, lines } = await here.run(['validate', 'long.yml']);
  expect(code).toBe(0);
  expect(lines).toEqual([
    'long.yml: valid, 2 items, 6,001 characters',
    'note: long.yml:4:5: 1 text is too long for a call and needs a task bucket with Polly (name one with --task-bucket or TASK_BUCKET, or split the text)',
  ]);
  expect(jsonLines(await here.run(['validate', 'long.yml', '--json']))).toMatchObject([
    { needTaskBucket: 1 },
  ]);
});

test.each(['run', 'plan'])('%s --json reports problems of a file as validate does', async (command) => {
  await using here = await place();
  await here.write('good.yml', setOf('good', 1));
  await here.write('bad.yml', 'set:\n  name: bad\nitems:\n  - txt: Hello\n');
  const ended = await here.run([command, 'good.yml', 'bad.yml', '--json']);
  expect(ended.code).toBe(2);
  const [validated] = jsonLines(await here.run(['validate', 'bad.yml', '--json']));
  expect(jsonLines(ended)).toEqual([validated]);
  expect(ended.lines.join('\n')).toMatch(/^bad\.yml:4:5: /m);
  expect((await here.run([command, 'bad.yml'])).stdout).toBe('');
});
