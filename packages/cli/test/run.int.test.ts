/** `setlist run` as users know it: files in, audio out, paid once, and an exit code that says how it went. */
import { existsSync, readdirSync } from 'node:fs';
import { appendFile, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '@setlist/testkit';
import { expect, test } from 'vitest';
import { jsonLines, place, setOf } from './cli.ts';

test('makes the files with the real engine, and pays nothing the second time', async () => {
  await using here = await place();
  await here.write('greeting.yml', setOf('greeting', 2));
  const first = await here.run(['run', 'greeting.yml', '--json'], { ENGINE: 'espeak' });
  expect(first.lines.join('\n')).not.toContain('error:');
  expect(first.code).toBe(0);
  expect(first.stdout.trimEnd().split('\n')).toHaveLength(1);
  const [result = {}] = jsonLines(first);
  expect(Object.keys(result)).toEqual([
    'set',
    'completed',
    'failed',
    'reused',
    'billedCharacters',
    'costUsd',
    'seconds',
    'location',
    'setId',
    'state',
  ]);
  const location = join(here.path, 'out/greeting');
  expect(result).toMatchObject({
    set: 'greeting',
    completed: 2,
    failed: 0,
    reused: 0,
    costUsd: '0.00',
    location,
  });
  expect(result.billedCharacters).toBe('Phrase 0 of greeting.'.length * 2);
  expect(result.seconds).toBeGreaterThan(0);
  const names = (await readdir(location)).sort();
  expect(names).toEqual([
    'item-000000-phrase-0-of-greeting.mp3',
    'item-000001-phrase-1-of-greeting.mp3',
    'manifest.csv',
    'manifest.json',
  ]);
  const audio = await readFile(join(location, 'item-000000-phrase-0-of-greeting.mp3'));
  expect(audio.length).toBeGreaterThan(3_000);
  expect(
    (await readdir(join(here.path, '.setlist/mail'))).filter((name) => name.endsWith('.eml')),
  ).toHaveLength(1);

  const [again] = jsonLines(await here.run(['run', 'greeting.yml', '--json']));
  expect(again).toMatchObject({ completed: 2, failed: 0, reused: 2, billedCharacters: 0 });
});

test('several files get a line of JSON each, or else a table', async () => {
  await using here = await place();
  await here.write('a.yml', setOf('first', 3));
  await here.write('b.json', JSON.stringify({ set: { name: 'second' }, items: [{ text: 'Only one.' }] }));
  const ended = await here.run(['run', 'a.yml', 'b.json', '--json', '--out', 'audio', '--data', 'my data']);
  expect(jsonLines(ended).map(({ set, completed }) => [set, completed])).toEqual([
    ['first', 3],
    ['second', 1],
  ]);
  expect(existsSync(join(here.path, 'audio/second/item-000000-only-one.mp3'))).toBe(true);
  expect(existsSync(join(here.path, '.setlist'))).toBe(false);

  const table = await here.run(['run', 'a.yml', '--out', 'audio', '--data', 'my data']);
  expect(table.stdout).toMatch(/^Set +Done +Failed +Reused/);
  expect(table.stdout).toMatch(/first +3\/3 +0 +3 +0 +free .+audio\/first/);
  expect(table.stdout).toContain(`"setlist plan FILE --provider polly --data 'my data'"`);
});

test('refuses all files if one is wrong, with every problem and before anything starts', async () => {
  await using here = await place();
  await here.write('good.yml', setOf('good', 1));
  await here.write(
    'bad.yml',
    'set:\n  name: bad\nitems:\n  - text: Yes\n    voice-id: Nobody\n    speed: 3\n',
  );
  const ended = await here.run(['run', 'good.yml', 'bad.yml', 'none.yml']);
  expect(ended.code).toBe(2);
  const said = ended.lines.join('\n');
  expect(said).toMatch(/^bad\.yml:5:15: .*Nobody.* \(.+\)$/m);
  expect(said).toMatch(/^bad\.yml:6:5: .*speed.* \(.+\)$/m);
  expect(said).toContain('none.yml:1:1: there is no such file');
  expect(ended.stdout).toBe('');
  expect(existsSync(join(here.path, '.setlist'))).toBe(false);
});

test('refuses sets that would write the same file if they are named together, and names both', async () => {
  await using here = await place();
  const named = (text: string, file: string) =>
    setOf('ch', 1).replace('Phrase 0 of ch.', `${text}\n    output-file: ${file}`);
  await here.write('c1.yml', named('Chapter one.', 'a.mp3'));
  await here.write('c2.yml', named('Chapter two.', 'a.mp3'));
  await here.write('c3.yml', named('Chapter three.', 'b.mp3'));
  await here.write('c4.yml', named('Chapter four.', 'part/a.mp3'));
  const below = named('Chapter five.', 'a.mp3').replace('name: ch', 'name: part\n  output-prefix: ch/part');
  await here.write('c5.yml', below);
  for (const command of ['validate', 'plan', 'run']) {
    const ended = await here.run([command, 'c1.yml', 'c2.yml', 'c3.yml']);
    expect(ended.code, command).toBe(2);
    expect(ended.lines.join('\n')).toMatch(/^c2\.yml:6:5: c1\.yml writes the file "ch\/a\.mp3" too, /m);
  }
  expect(await readdir(here.path), 'nothing was begun').not.toContain('.setlist');
  const [four, five] = jsonLines(await here.run(['validate', 'c4.yml', 'c5.yml', '--json']));
  expect(four).toMatchObject({ ok: true });
  expect(five).toMatchObject({ ok: false, problems: [{ code: 'duplicate-file', line: 7 }] });
  expect((await here.run(['validate', 'c1.yml', 'c3.yml', 'c1.yml'])).code, 'one file twice').toBe(0);
});

test('refuses sets named together whose files can’t be beside each other, as within one set file', async () => {
  await using here = await place();
  const prefixed = (prefix: string, file: string) =>
    setOf('ch', 1)
      .replace('name: ch', `name: ch\n  output-prefix: ${prefix}`)
      .replace('of ch.', `of ${prefix}.\n    output-file: ${file}`);
  await here.write('file.yml', prefixed('ch', 'part.mp3'));
  await here.write('below.yml', prefixed('ch/Part.mp3', 'a.mp3'));
  await here.write('large.yml', prefixed('CH', 'part.MP3'));
  const validated = async (...args: string[]) => {
    const lines = jsonLines(await here.run(['validate', ...args, '--json']));
    return lines.flatMap(({ problems = [] }) => (problems as { code: string }[]).map(({ code }) => code));
  };
  expect(await validated('file.yml', 'below.yml')).toEqual(['file-is-folder']);
  expect(await validated('below.yml', 'file.yml', '--compat')).toEqual(['file-is-folder']);
  expect(await validated('file.yml', 'large.yml')).toEqual(['similar-file']);
  expect(await validated('file.yml', 'large.yml', '--compat')).toEqual([]);
});

test('an item that the engine refuses fails with reason and remedy, and exit code 1', async () => {
  await using here = await place();
  const whispered = '<speak><amazon:effect name="whispered">Psst.</amazon:effect></speak>';
  await here.write(
    'mixed.yml',
    `set:\n  name: mixed\ndefaults:\n  engine: neural\nitems:\n  - text: Aloud.\n  - text: ${whispered}\n    text-type: ssml\n`,
  );
  const refused = await here.run(['run', 'mixed.yml']);
  expect(refused.code).toBe(2);
  expect(refused.lines.join('\n')).toContain('--compat');

  const ended = await here.run(['run', 'mixed.yml', '--compat', '--json']);
  expect(ended.code).toBe(1);
  expect(jsonLines(ended)[0]).toMatchObject({ completed: 1, failed: 1 });
  expect(ended.lines.join('\n')).toMatch(/warning: mixed\.yml:7:\d+: /);

  const failed = await here.run(['status', 'mixed', '--failed']);
  expect(failed.stdout).toContain('1 failed');
  expect(failed.stdout).toMatch(/item-000001-\S+: \S+/);
  expect(failed.lines.join('\n'), 'without a system, there is no retry').toMatch(
    /fixed: run the set’s file again/,
  );
});

test('says why items fail while others are being made, and how many failed when it is stopped', async () => {
  await using here = await place();
  const bad = '  - text: <speak>Open <b>wide</b></speak>\n    text-type: ssml\n';
  await here.write('a.yml', setOf('a', 600).replace('items:\n', `items:\n${bad}`));
  const slow = { FAULT_LATENCY_MS: '50', CONCURRENCY: '1' };
  await using run = await here.start(['run', 'a.yml', '--compat', '--no-console'], slow);
  const note = await run.waitForLine(/^note: items fail with \S+, first in a-\S+ \(.+\)$/);
  expect(note, 'phrases stay out of logs').not.toContain('wide');
  expect((await run.term('SIGINT')).code).toBe(130);
  expect(run.lines.join('\n')).toMatch(/^1 item of (a-\S+) failed \(\S+\); .* setlist status \1 --failed$/m);
});

test('waits for messages on the channels chosen for the end of a set, and for no others', async () => {
  await using here = await place();
  await here.write('a.yml', setOf('a', 1));
  await here.write(
    'channels.yml',
    [
      'channels:',
      '  here: { kind: folder, path: told }',
      '  named: { kind: folder, path: named, default: false }',
      '  alarms: { kind: folder, path: alarms, notices: [stalled, rejected] }',
    ].join('\n'),
  );
  const ended = await here.run(['run', 'a.yml', '--no-console'], { CHANNELS_FILE: 'channels.yml' });
  expect(ended.code).toBe(0);
  expect(ended.lines.join('\n')).not.toContain('could not be sent yet');
  expect(readdirSync(join(here.path, 'told'))).toHaveLength(2);
});

test('says what to do if there is no nats-server', async () => {
  await using here = await place();
  await here.write('a.yml', setOf('a', 1));
  const ended = await here.run(['run', 'a.yml'], { NATS_SERVER_BIN: '/nonexistent/nats-server' });
  expect(ended.code).toBe(3);
  expect(ended.lines.join('\n')).toMatch(/NATS_SERVER_BIN.*(Correct|unset)/);
  expect((await here.run(['run', 'a.yml'])).code, 'nothing stays locked').toBe(0);
});

test('a second command on the same data folder learns which process holds it', async () => {
  await using here = await place();
  // Two minutes: it does not end before the second has looked.
  await here.write('a.yml', setOf('a', 240));
  await using first = await here.start(['run', 'a.yml'], { FAULT_LATENCY_MS: '500', CONCURRENCY: '1' });
  await eventually(() => existsSync(join(here.path, '.setlist/system.json')));
  const second = await here.run(['run', 'a.yml']);
  expect(second.code).toBe(3);
  expect(second.lines.join('\n')).toContain(`is in use by "setlist run" (process ${first.pid})`);
  expect((await first.term('SIGINT')).code).toBe(130);
});

test('every sample completes unchanged', async () => {
  await using here = await place();
  const samples = fileURLToPath(new URL('../../../samples/', import.meta.url));
  const files = readdirSync(samples).filter((name) => name.endsWith('.yml'));
  expect(files.length).toBeGreaterThan(0);
  const ended = await here.run(['run', ...files.map((name) => join(samples, name)), '--json']);
  expect(ended.code, ended.lines.join('\n')).toBe(0);
  expect(jsonLines(ended)).toHaveLength(files.length);
});

test('a blank variable counts as unset', async () => {
  await using here = await place();
  await here.write('a.yml', setOf('a', 1));
  const regions = { POLLY_REGION: ' ', AWS_REGION: 'eu-north-1' };
  const elsewhere = { ...regions, TASK_TOPIC: 'arn:aws:sns:eu-west-1:123456789012:done' };
  const refused = await here.run(['run', 'a.yml'], elsewhere);
  expect(refused.lines.join('\n')).toContain('must be in the region of Polly, eu-north-1');
});

test('a file that changes while the system starts is an error, which says what has begun and what has not', async () => {
  await using here = await place();
  for (const name of ['a', 'b', 'c']) await here.write(`${name}.yml`, setOf(name, 1));
  await using run = await here.start(['run', 'a.yml', 'b.yml', 'c.yml', '--no-console']);
  // The files have been checked by then.
  await eventually(() => existsSync(join(here.path, '.setlist')), { everyMs: 1 });
  await appendFile(join(here.path, 'b.yml'), '# more\n');
  expect((await run.exited).code).toBe(3);
  const said = run.lines.join('\n');
  expect(said).toMatch(/error: .*b\.yml changed/);
  const [, unbegun = ''] = /Not begun: (.+)\. To go on, name only these files\./.exec(said) ?? [];
  const begun = jsonLines(await here.run(['status', '--json'])).map(({ set }) => `${set}.yml`);
  expect([...begun, ...unbegun.split(', ')], 'each file once').toEqual(['a.yml', 'b.yml', 'c.yml']);
});
