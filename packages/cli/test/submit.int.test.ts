/** What `setlist submit` says of files that it has handed over. */
import { appendFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { eventually } from '@setlist/testkit';
import { expect, test } from 'vitest';
import { jsonLines, place, setOf } from './cli.ts';

test('an id that submit prints is known to every command at once, unless submit says that the file is not accepted yet', async () => {
  await using here = await place();
  await here.write('a.yml', setOf('a', 1));
  await here.write('long.yml', setOf('long', 10_000));
  await here.write('elsewhere/README', 'a folder that nobody watches');
  await using system = await here.start(['up', '--no-console']);
  await system.waitForLine(/drop set files/);
  const untaken = here.run(['submit', 'a.yml', '--inbox', 'elsewhere', '--json']);
  await using waiting = await here.start(['submit', 'a.yml', '--inbox', 'elsewhere', '--wait']);
  const id = (await here.run(['submit', 'long.yml'])).stdout.trim();
  expect((await here.run(['pause', id])).code).toBe(0);
  expect(jsonLines(await here.run(['status', id, '--json']))[0]).toMatchObject({ setId: id, total: 10_000 });
  const { code, stdout, lines } = await untaken;
  expect(code).toBe(0);
  const [{ setId } = {}] = jsonLines({ stdout });
  expect(jsonLines({ stdout })).toEqual([{ set: 'a', setId, items: 1, state: 'waiting' }]);
  expect(lines.join('\n')).toContain(
    `Not accepted yet, so that no command knows it: ${setId}. "setlist up" or "setlist run", or ingest's log, says`,
  );
  await waiting.waitForLine(/^Not accepted yet, so that no command knows it: a-\S+\. "setlist up"/);
  expect((await waiting.term('SIGINT')).code).toBe(130);
  await system.term('SIGTERM');
});

test('the inbox can be named by file:///, and by ./ if it has a colon', async () => {
  await using here = await place();
  await here.write('a.yml', setOf('a', 1));
  await here.write('in:1/README', 'a folder that nobody watches');
  const submit = (inbox: string) => here.run(['submit', 'a.yml', '--inbox', inbox]);
  const misread = await submit('in:1');
  expect(misread.code).toBe(2);
  expect(misread.lines.join('\n')).toMatch(
    /--inbox: "in:1" is not .*\nWrite a path, or file:\/\/\/absolute\/folder; \.\/ before a path that has a colon\.$/m,
  );
  const bucket = await submit('s3://sets/in');
  expect(bucket.code).toBe(2);
  expect(bucket.lines.join('\n')).toMatch(/--inbox names a bucket, s3:\/\/sets\/in, .*\nUpload the file/);
  for (const inbox of ['./in:1', pathToFileURL(join(here.path, 'in:1')).href])
    expect((await submit(inbox)).code, inbox).toBe(0);
  const placed = await readdir(join(here.path, 'in:1/.placed'));
  expect(placed.filter((entry) => entry.endsWith('.yml'))).toHaveLength(2);
});

test('submit tells of a refusal at the door', async () => {
  await using here = await place();
  await here.write('dear.yml', setOf('dear', 2));
  const env = { AWS_ACCESS_KEY_ID: 'dummy', AWS_SECRET_ACCESS_KEY: 'dummy', MONTHLY_USD: '0.00001' };
  await using system = await here.start(['up', '--provider', 'polly', '--no-console'], env);
  await system.waitForLine(/drop set files/);
  const told = await here.run(['submit', 'dear.yml']);
  expect(told.code).toBe(2);
  expect(told.stdout).toMatch(/^dear-\S+\n$/);
  const reasons = /^dear was refused; nothing was spent:\n {2}\d+:\d+: .+ \(.+\)$/m;
  expect(told.lines.join('\n')).toMatch(reasons);
  const json = await here.run(['submit', 'dear.yml', '--json']);
  expect(json.code).toBe(2);
  expect(jsonLines(json)).toMatchObject([{ state: 'rejected', problems: [{ code: 'monthly-cap' }] }]);
  expect(json.lines.join('\n')).toMatch(reasons);
  await system.term('SIGTERM');
});

test('Ctrl-C keeps submit from handing over more files, and submit says which it has handed over', async () => {
  await using here = await place();
  const files = Array.from({ length: 800 }, (_, index) => `s${index}.yml`);
  await Promise.all(files.map((file, index) => here.write(file, setOf(`s${index}`, 1))));
  await here.write('elsewhere/.placed/README', 'a folder that nobody watches');
  const placed = async () =>
    (await readdir(join(here.path, 'elsewhere/.placed'))).filter((entry) => entry.endsWith('.yml'));
  const submit = await here.interrupted(['submit', ...files, '--inbox', 'elsewhere'], () =>
    eventually(async () => (await placed()).length >= 10, { everyMs: 1 }),
  );
  expect(submit.code).toBe(130);
  const handedOver = (await placed()).length;
  expect(handedOver).toBeLessThan(files.length);
  expect(submit.stdout).toBe('');
  const [said = ''] = submit.lines;
  expect(said).toMatch(
    new RegExp(`^Stopped: s${handedOver}\\.yml and what follows it were not handed over; `),
  );
  const told = Array.from(said.matchAll(/\bs\d+-([\w-]+)[,.]/g), ([, run = '']) => run);
  expect(told).toHaveLength(handedOver);
  for (const entry of await placed())
    expect(
      told.some((run) => entry.includes(run)),
      entry,
    ).toBe(true);
});

test('a file that changes while submit hands over others is an error, and submit says which it has handed over', async () => {
  await using here = await place();
  const files = Array.from({ length: 400 }, (_, index) => `s${index}.yml`);
  await Promise.all(files.map((file, index) => here.write(file, setOf(`s${index}`, 1))));
  await here.write('elsewhere/.placed/README', 'a folder that nobody watches');
  const submitting = here.run(['submit', ...files, '--inbox', 'elsewhere']);
  await eventually(async () => (await readdir(join(here.path, 'elsewhere/.placed'))).length > 1, {
    everyMs: 1,
  });
  appendFileSync(join(here.path, 's399.yml'), '# more\n');
  const { code, lines } = await submitting;
  expect(code).toBe(3);
  const [said = '', ...others] = lines;
  expect(said.match(/\bs\d+-[\w-]+/g)).toHaveLength(399);
  expect(said).toMatch(
    /^Already handed over: s0-.* s399\.yml and what follows it were not: .* only these files\.$/,
  );
  expect(others.join('\n')).toMatch(/^error: .*s399\.yml changed while it was read\nWait until/);
});
