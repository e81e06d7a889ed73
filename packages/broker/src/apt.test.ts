import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { chooseArchive, updateIndex } from './apt.ts';

const BOOKWORM = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\n';
const NOBLE = 'NAME="Ubuntu"\nVERSION_CODENAME=noble\nID=ubuntu\nID_LIKE=debian\nUBUNTU_CODENAME=noble\n';

test('takes what may be the main archive, not those of updates or of security', () => {
  const targets = [
    'nodistro http://vendor.test/node/',
    'bookworm http://vendor.test/linux/',
    'bookworm-security http://mirror.test/debian-security/',
    'bookworm-updates http://mirror.test/updates/',
    'bookworm http://mirror.test/debian/',
    'bookworm http://mirror.test/debian/',
  ];
  const archive = chooseArchive(BOOKWORM, targets.join('\n'));
  expect(archive).toMatchObject({
    uris: ['http://vendor.test/linux/', 'http://mirror.test/debian/'],
    components: 'main',
  });
});

test('tries the machine’s own suite first, then newer ones, and none twice', () => {
  expect(chooseArchive(BOOKWORM, 'bookworm http://mirror.test/').suites).toEqual([
    'bookworm',
    'stable',
    'testing',
    'unstable',
  ]);
  expect(chooseArchive(NOBLE, 'noble http://mirror.test/').suites).toEqual(['noble', 'resolute', 'devel']);
});

test('looks in Ubuntu’s universe, where nats-server is', () => {
  expect(chooseArchive(NOBLE, 'noble http://mirror.test/').components).toBe('main universe');
});

test.each([
  ['ID=fedora\n', 'bookworm http://mirror.test/', /fedora is neither Debian nor Ubuntu/],
  [BOOKWORM, 'nodistro http://vendor.test/', /apt's sources list no archive of debian bookworm/],
])('refuses an unsupported system', (osRelease, targets, message) => {
  expect(() => chooseArchive(osRelease, targets)).toThrow(message);
});

test.skipIf(spawnSync('apt-get', ['--version']).error)(
  'passes over a place that is not the distribution’s own',
  async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(404).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const folder = mkdtempSync(join(tmpdir(), 'setlist-apt-'));
    try {
      chmodSync(folder, 0o755);
      const uris = ['vendor', 'mirror'].map((path) => `http://127.0.0.1:${port}/${path}/`);
      const archive = { uris, components: 'main', keyring: undefined, suites: ['bookworm'] };
      await expect(updateIndex(archive, 'bookworm', { folder })).rejects.toThrow(/vendor.* \/ .*mirror/s);
      expect(asked).toContain('/mirror/dists/bookworm/InRelease');
    } finally {
      rmSync(folder, { recursive: true });
      server.close();
    }
  },
);
