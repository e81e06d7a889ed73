import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { serverFile } from './cache.ts';
import { BrokerNotFound } from './errors.ts';
import { findNatsServer } from './find.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'broker-find-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Makes a program that answers like nats-server when asked for its version. */
function binary(path: string, answer: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\necho '${answer}'\n`);
  chmodSync(path, 0o755);
  return path;
}

function find(env: Record<string, string> = {}) {
  return findNatsServer({ env, cache: join(folder, 'cache'), systemFolders: [] });
}

describe('where it looks', () => {
  test('takes the binary that NATS_SERVER_BIN names before any other', async () => {
    const named = binary(join(folder, 'mine/nats'), 'nats-server: v2.11.0');
    binary(join(folder, 'bin/nats-server'), 'nats-server: v2.12.0');
    const found = await find({ NATS_SERVER_BIN: named, PATH: join(folder, 'bin') });
    expect(found).toEqual({ path: named, version: '2.11.0', source: 'NATS_SERVER_BIN', passedOver: [] });
  });

  test('prefers a binary on PATH to a fetched one', async () => {
    const onPath = binary(join(folder, 'bin/nats-server'), 'nats-server: v2.10.0');
    binary(serverFile(join(folder, 'cache'), '2.15.1'), 'nats-server: v2.15.1');
    const found = await find({ PATH: join(folder, 'bin') });
    expect(found).toMatchObject({ path: onPath, source: 'PATH' });
  });

  test('looks where packages install daemons, beyond PATH', async () => {
    const installed = binary(join(folder, 'sbin/nats-server'), 'nats-server: v2.10.27');
    const systemFolders = [join(folder, 'sbin')];
    const found = await findNatsServer({ env: {}, cache: folder, systemFolders });
    expect(found).toMatchObject({ path: installed, source: 'PATH' });
  });

  test('takes the newest fetched version, compared as numbers and not as text', async () => {
    for (const version of ['2.9.10', '2.10.27', '2.15.1']) {
      binary(serverFile(join(folder, 'cache'), version), `nats-server: v${version}`);
    }
    expect(await find()).toMatchObject({ version: '2.15.1', source: 'cache' });
  });
});

describe('what it refuses', () => {
  test('skips a binary on PATH that is too old, and says so', async () => {
    const old = binary(join(folder, 'bin/nats-server'), 'nats-server: v2.9.10');
    binary(serverFile(join(folder, 'cache'), '2.10.27'), 'nats-server: v2.10.27');
    const found = await find({ PATH: join(folder, 'bin') });
    expect(found).toMatchObject({ version: '2.10.27', source: 'cache' });
    expect(found.passedOver).toEqual([{ path: old, reason: 'it is version 2.9.10, older than 2.10.0' }]);
  });

  test('refuses a binary in NATS_SERVER_BIN that is too old, even if another is usable', async () => {
    const named = binary(join(folder, 'mine'), 'nats-server: v2.9.10');
    binary(join(folder, 'bin/nats-server'), 'nats-server: v2.12.0');
    const search = find({ NATS_SERVER_BIN: named, PATH: join(folder, 'bin') });
    await expect(search).rejects.toThrow(/NATS_SERVER_BIN names .*mine.*2\.9\.10/);
  });

  test('says what it found and how to get a nats-server when none is usable', async () => {
    const broken = binary(join(folder, 'bin/nats-server'), 'hello');
    const error = await find({ PATH: join(folder, 'bin') }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(BrokerNotFound);
    expect(String(error)).toContain(broken);
    expect(String(error)).toContain('npm run setup');
    expect(String(error)).toContain('NATS_SERVER_BIN=');
  });
});
