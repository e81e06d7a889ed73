/** Uploads leave no files behind, however the request ends. */
import { readdir, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { canMount, eventually, smallDisk, temporaryFolder } from '@setlist/testkit';
import { afterEach, expect, it, vi } from 'vitest';
import { MOST_UPLOADS } from '../../src/set-files/upload.ts';
import { startWorld } from '../world.ts';

const mountable = await canMount();
if (!mountable) process.stderr.write('Skipped: uploads to a full disk (this user may not mount a tmpfs).\n');

afterEach(() => void vi.unstubAllEnvs());

/** Takes long enough to check that its sender can leave meanwhile. */
const LARGE = `set:\n  name: large\nitems:\n${'  - text: Mind the gap between the train and the platform.\n'.repeat(40_000)}`;

it('the file of a request whose sender leaves is removed, like any other', async () => {
  await using folder = await temporaryFolder();
  await using world = await startWorld();
  vi.stubEnv('TMPDIR', folder.path);
  const send = (text: string, signal?: AbortSignal): Promise<Response> =>
    fetch(`${world.url}/api/v1/validate?fileName=a.yml`, {
      method: 'POST',
      headers: { 'content-type': 'application/yaml' },
      body: text,
      ...(signal && { signal }),
    });
  const leaving = new AbortController();
  const left = send(LARGE, leaving.signal).catch((error: Error) => error.name);
  await eventually(
    async () => {
      const [upload = ''] = await readdir(folder.path);
      return (await stat(join(folder.path, upload, 'set-file'))).size === Buffer.byteLength(LARGE);
    },
    { everyMs: 2 },
  );
  leaving.abort();
  expect(await left).toBe('AbortError');
  expect((await send('set: 7\n')).status).toBe(200);
  await eventually(async () => (await readdir(folder.path)).length === 0);
});

it('limits a caller’s uploads in progress; another is refused until one of them has ended', async () => {
  await using folder = await temporaryFolder();
  await using world = await startWorld();
  vi.stubEnv('TMPDIR', folder.path);
  const url = `${world.url}/api/v1/validate?fileName=a.yml`;
  const headers = { 'content-type': 'application/yaml' };
  const send = () => fetch(url, { method: 'POST', headers, body: 'set: 7\n' });
  const sendings = Array.from({ length: MOST_UPLOADS }, () => {
    const sending = request(url, { method: 'POST', headers });
    sending.on('error', () => undefined);
    sending.write('set:\n');
    return sending;
  });
  await eventually(async () => (await readdir(folder.path)).length === MOST_UPLOADS);
  const refused = await send();
  expect([refused.status, JSON.parse(await refused.text()).code]).toEqual([429, 'too-many-uploads']);
  expect(await readdir(folder.path)).toHaveLength(MOST_UPLOADS);
  sendings[0]?.destroy();
  await eventually(async () => (await send()).status === 200);
  for (let sent = 0; sent < MOST_UPLOADS; sent++) expect((await send()).status).toBe(200);
  for (const sending of sendings) sending.destroy();
});

it('a sender who leaves during the upload is not logged as a fault of the console', async () => {
  await using folder = await temporaryFolder();
  await using world = await startWorld();
  vi.stubEnv('TMPDIR', folder.path);
  const headers = { 'content-type': 'application/yaml' };
  const sending = request(`${world.url}/api/v1/validate?fileName=a.yml`, { method: 'POST', headers });
  sending.on('error', () => undefined);
  sending.write('set:\n');
  await eventually(async () => (await readdir(folder.path)).length > 0);
  sending.destroy();
  await eventually(async () => (await readdir(folder.path)).length === 0);
  expect((await fetch(`${world.url}/api/v1/sets`)).status).toBe(200);
  expect(world.logged).toEqual([]);
});

async function validated(world: { readonly url: string }, text: string) {
  const answer = await fetch(`${world.url}/api/v1/validate?fileName=a.yml`, {
    method: 'POST',
    headers: { 'content-type': 'application/yaml' },
    body: text,
  });
  const { code } = JSON.parse(await answer.text());
  return [answer.status, code];
}

it('without a temporary folder a set file is refused; the log says what to do', async () => {
  await using folder = await temporaryFolder();
  await using world = await startWorld();
  // Not even root can make a folder below a file.
  const file = join(folder.path, 'file');
  await writeFile(file, '');
  for (const unusable of [join(file, 'tmp'), join(folder.path, 'missing')]) {
    vi.stubEnv('TMPDIR', unusable);
    expect(await validated(world, 'set: 7\n')).toEqual([503, 'no-room']);
    expect(world.logged.join()).toContain(`Make ${unusable} writable and large enough`);
  }
});

it.skipIf(!mountable)(
  'a set file that finds no room is refused until there is some; the log says where',
  async () => {
    await using disk = await smallDisk('1m');
    await using world = await startWorld();
    vi.stubEnv('TMPDIR', disk.path);
    expect(await validated(world, LARGE)).toEqual([503, 'no-room']);
    expect(world.logged.join()).toContain(`Make ${disk.path} writable and large enough`);
    expect(await validated(world, 'set: 7\n')).toEqual([200, undefined]);
    await disk.fill();
    expect((await validated(world, 'set: 7\n'))[0]).toBe(503);
    await disk.makeRoom();
    disk.setReadOnly(true);
    expect(await validated(world, 'set: 7\n')).toEqual([503, 'no-room']);
    disk.setReadOnly(false);
    expect(await validated(world, 'set: 7\n')).toEqual([200, undefined]);
  },
);
