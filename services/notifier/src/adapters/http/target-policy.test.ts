import { describe, expect, test } from 'vitest';
import { isAllowed, type Network, parseNetwork, requireAllowed } from './target-policy.ts';

const networks = (...texts: string[]): Network[] =>
  texts.map((text) => parseNetwork(text)).filter((n) => n !== undefined);

describe('an address that is not public is refused', () => {
  test.each([
    ['this machine', '127.0.0.1'],
    ['this machine, another way', '127.255.255.254'],
    ['this machine, IPv6', '::1'],
    ['unspecified', '0.0.0.0'],
    ['this network', '0.1.2.3'],
    ['unspecified, IPv6', '::'],
    ['private', '10.0.0.1'],
    ['private', '172.16.0.1'],
    ['private', '172.31.255.255'],
    ['private', '192.168.1.1'],
    ['unique local', 'fd00::1'],
    ['unique local', 'fc00::1'],
    ['link-local, where clouds serve secrets', '169.254.169.254'],
    ['link-local, IPv6', 'fe80::1'],
    ['link-local with a zone', 'fe80::1%eth0'],
    ['site-local', 'fec0::1'],
    ['a cloud’s metadata service over IPv6', 'fd00:ec2::254'],
    ['carrier-grade NAT', '100.64.0.1'],
    ['carrier-grade NAT', '100.127.255.255'],
    ['multicast', '224.0.0.1'],
    ['multicast, IPv6', 'ff02::1'],
    ['broadcast', '255.255.255.255'],
    ['reserved', '240.0.0.1'],
    ['documentation', '192.0.2.1'],
    ['benchmarking', '198.18.0.1'],
    ['IETF protocol assignments', '192.0.0.8'],
    ['loopback as IPv4-mapped IPv6', '::ffff:127.0.0.1'],
    ['private as IPv4-mapped IPv6', '::ffff:a00:1'],
    ['loopback as IPv4-compatible IPv6', '::127.0.0.1'],
    ['loopback behind NAT64', '64:ff9b::7f00:1'],
    ['private behind local NAT64', '64:ff9b:1::a00:1'],
    ['loopback behind 6to4', '2002:7f00:1::'],
    ['Teredo', '2001:0:7f00:1::'],
    ['not assigned', '4000::1'],
    ['not assigned', '1::1'],
    ['documentation, IPv6', '2001:db8::1'],
    ['discard', '100::1'],
    ['no address', 'localhost'],
    ['no address', ''],
  ])('%s: %s', (_, address) => {
    expect(isAllowed(address, { networks: [] })).toBe(false);
  });
});

test.each(['1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700:4700::1111', '::ffff:1.1.1.1'])(
  '%s is public',
  (address) => {
    expect(isAllowed(address, { networks: [] })).toBe(true);
  },
);

test('networks in the settings are allowed, and nothing next to them', () => {
  const policy = { networks: networks('10.1.0.0/16', '127.0.0.1', 'fd12::/32') };
  const reached = ['10.1.255.1', '127.0.0.1', '::ffff:10.1.0.1', 'fd12::7', '1.1.1.1'];
  for (const address of reached) expect([address, isAllowed(address, policy)]).toEqual([address, true]);
  for (const address of ['10.2.0.1', '127.0.0.2', 'fd13::1']) expect(isAllowed(address, policy)).toBe(false);
});

test.each([
  ...['10.1.0.0/33', '10.1.0.0/', '10.1', 'example.com', ''],
  ...['10/8', '10.1/16', '172.16/12', '010.1.0.0/16', '0x0a.1.0.0/16'],
])('%s is not a network', (text) => {
  expect(parseNetwork(text)).toBeUndefined();
});

describe('before anything is looked up', () => {
  const policy = { networks: [], plainHttp: false };

  test.each([
    'https://127.0.0.1/x',
    'https://2130706433/x',
    'https://0x7f.1/x',
    'https://127.1/x',
    'https://0177.0.0.1/x',
    'https://[::1]/x',
    'https://[::ffff:127.0.0.1]/x',
    'https://①②⑦.⓪.⓪.①/x',
  ])('%s is refused, however it is written', (url) => {
    expect(() => requireAllowed(new URL(url), policy)).toThrow(/not a public address/);
  });

  test.each(['http://1.1.1.1/', 'ftp://1.1.1.1/', 'file:///etc/passwd'])(
    '%s is refused: only https',
    (url) => {
      expect(() => requireAllowed(new URL(url), policy)).toThrow(/only https/);
    },
  );

  test('http can be allowed', () => {
    expect(() => requireAllowed(new URL('http://1.1.1.1/'), { ...policy, plainHttp: true })).not.toThrow();
    expect(() => requireAllowed(new URL('file:///etc/passwd'), { ...policy, plainHttp: true })).toThrow();
  });
});
