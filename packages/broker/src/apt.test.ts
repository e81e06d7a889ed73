import { expect, test } from 'vitest';
import { chooseArchive } from './apt.ts';

const BOOKWORM = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\n';
const NOBLE = 'NAME="Ubuntu"\nVERSION_CODENAME=noble\nID=ubuntu\nID_LIKE=debian\nUBUNTU_CODENAME=noble\n';

test('takes the main archive, not those of a vendor, of updates or of security', () => {
  const targets = [
    'nodistro http://vendor.test/node/',
    'bookworm-security http://mirror.test/debian-security/',
    'bookworm-updates http://mirror.test/updates/',
    'bookworm http://mirror.test/debian/',
  ];
  const archive = chooseArchive(BOOKWORM, targets.join('\n'));
  expect(archive).toMatchObject({ uri: 'http://mirror.test/debian/', components: 'main' });
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
