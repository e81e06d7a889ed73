/** Links to audio: when they open, and when they don't. */
import { expect, test } from 'vitest';
import { type AudioGrant, openGrant, sealGrant } from './audio-links.ts';

const SECRET = 's'.repeat(32);
const grant: AudioGrant = {
  setId: 'airport-gates-1',
  index: 3,
  sha256: 'a'.repeat(64),
  address: '10.0.0.7',
  expiresAt: 60_000,
};
const opened = (token: string, at: { address?: string; now?: number } = {}) =>
  openGrant(token, SECRET, { address: grant.address, now: 0, ...at });

test('a link opens what it was issued for until it expires', () => {
  const link = sealGrant(grant, SECRET);
  expect(opened(link, { now: 59_999 })).toEqual({ ok: true, grant });
  expect(opened(link, { now: 60_000 })).toEqual({ ok: false, why: 'expired' });
});

test('a link opens nothing for any other address than the one it was issued to', () => {
  const link = sealGrant(grant, SECRET);
  for (const address of ['10.0.0.8', '::ffff:10.0.0.8', '::a00:7', '']) {
    expect(opened(link, { address })).toEqual({ ok: false, why: 'elsewhere' });
  }
});

test('an IPv4 address matches its IPv4-mapped IPv6 form', () => {
  const asIpv6 = `::ffff:${grant.address}`;
  expect(opened(sealGrant(grant, SECRET), { address: asIpv6 })).toMatchObject({ ok: true });
  expect(opened(sealGrant({ ...grant, address: asIpv6 }, SECRET))).toMatchObject({ ok: true });
});

test('a link that was altered, or signed with another secret, is a forgery', () => {
  const [, signature] = sealGrant(grant, SECRET).split('.');
  const changed = { index: 4, sha256: 'b'.repeat(64), address: '10.0.0.8', expiresAt: 120_000 };
  for (const [name, value] of Object.entries({ setId: 'another', ...changed })) {
    const [said] = sealGrant({ ...grant, [name]: value }, SECRET).split('.');
    expect(opened(`${said}.${signature}`)).toEqual({ ok: false, why: 'forged' });
  }
  const shorter = sealGrant(grant, SECRET).slice(0, -2);
  for (const link of [sealGrant(grant, 'z'.repeat(32)), shorter, `${signature}.`, 'nonsense', '']) {
    expect(opened(link)).toEqual({ ok: false, why: 'forged' });
  }
});
