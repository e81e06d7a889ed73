/** The console that `up` and `run` start: where it is, and that it works on the same system. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { eventually } from '@setlist/testkit';
import { expect, test } from 'vitest';
import { place, setOf } from './cli.ts';

const consoleIn = (line: string): string => /http:\/\/127\.0\.0\.1:\d+\//.exec(line)?.[0] ?? '';
const post = (url: string, text: string) =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/yaml' }, body: text });

test('up prints its address, to which messages link; a set submitted there is made, and the running engine plays a line', async () => {
  await using here = await place();
  await using system = await here.start(['up', '--console-port', '0']);
  const url = consoleIn(await system.waitForLine(/watch and steer at/));
  const heard = await post(`${url}api/v1/preview?fileName=a.yml&line=6`, setOf('a', 3));
  expect([heard.status, heard.headers.get('content-type')]).toEqual([200, 'audio/mpeg']);
  const submitted = await post(`${url}api/v1/sets?fileName=a.yml`, setOf('a', 3));
  const { setId } = JSON.parse(await submitted.text());
  await system.waitForLine(new RegExp(`done +${setId}: 3 of 3`));
  await eventually(async () => {
    const { state } = JSON.parse(await (await fetch(`${url}api/v1/sets/${setId}`)).text());
    return state === 'completed';
  });
  const letter = join(here.path, '.setlist/mail', `${setId}.completed.1.html`);
  await eventually(async () => (await readFile(letter, 'utf8')).includes(`href="${url}sets/${setId}"`));
  const { code } = await system.term('SIGINT');
  expect(code).toBe(130);
});

test('refuses a requested port that is taken, and leaves nothing running', async () => {
  await using here = await place();
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  try {
    const port = String((other.address() as AddressInfo).port);
    const refused = await here.run(['up', '--console-port', port]);
    expect(refused.code).toBe(2);
    expect(refused.lines.join('\n')).toContain(`port ${port} of 127.0.0.1 is taken`);
  } finally {
    other.close();
  }
});

test('run prints the address of its console, or starts none', async () => {
  await using here = await place();
  await here.write('a.yml', setOf('a', 2));
  const watched = await here.run(['run', 'a.yml', '--console-port', '0']);
  expect([watched.code, watched.lines.some((line) => consoleIn(line) !== '')]).toEqual([0, true]);
  expect(watched.lines.at(-1)).toContain('setlist up');
  const alone = await here.run(['run', 'a.yml', '--no-console']);
  expect([alone.code, alone.lines.some((line) => consoleIn(line) !== '')]).toEqual([0, false]);
});
