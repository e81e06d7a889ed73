/** Links to audio: short-lived, for one address and one object, and only while the object is that set's. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@setlist/testkit';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { sealGrant } from '../../src/access/audio-links.ts';
import { type Access, encoded, LINK_SECRET, startAccess } from '../access-world.ts';
import { sha256Of } from '../world.ts';

let access: Access;
beforeAll(async () => {
  access = await startAccess();
});
afterAll(() => access?.[Symbol.asyncDispose]());

describe('links to audio', () => {
  const linkOf = async () => {
    const token = await access.issuer.sign({ scope: 'read listen' });
    const { body } = await access.ask(`/sets/${access.airport.id}/items/0/audio-link`, {
      token,
      method: 'POST',
    });
    return body as { url: string; expiresAt: string };
  };

  it('serve the audio without a token, whole or in part', async () => {
    const { url } = await linkOf();
    expect((await access.ask(url)).body.toString()).toBe('ID3!');
    const part = await access.ask(url, { headers: { range: 'bytes=1-2' } });
    expect([part.status, part.body.toString()]).toEqual([206, 'D3']);
  });

  it('don’t open audio that another run has overwritten', async () => {
    const file = join(access.world.folder, 'airport-gates/item-0.mp3');
    const audio = await readFile(file);
    await writeFile(file, 'ID3?');
    const { url } = await linkOf();
    await eventually(async () => expect((await access.ask(url)).body.code).toBe('file-replaced'));
    await writeFile(file, audio);
    await eventually(async () => expect((await access.ask(url)).status).toBe(200));
  });

  it('open nothing once the item has other audio, or none', async () => {
    const given = { setId: access.airport.id, address: '127.0.0.1', expiresAt: Date.now() + 60_000 };
    for (const of of [
      { ...given, index: 0, sha256: sha256Of('as it was before') },
      { ...given, index: 2, sha256: sha256Of('ID3!') },
      { ...given, index: 0, sha256: sha256Of('ID3!'), setId: access.games.id },
    ]) {
      const { status, body } = await access.ask(`/api/v1/audio/${sealGrant(of, LINK_SECRET)}`);
      expect([status, body.code]).toEqual([410, 'link-changed']);
    }
  });

  it('are refused once expired', async () => {
    const { url, expiresAt } = await linkOf();
    vi.spyOn(Date, 'now').mockReturnValue(Date.parse(expiresAt));
    const late = await access.ask(url).finally(() => vi.restoreAllMocks());
    expect([late.status, late.body.code]).toEqual([410, 'link-expired']);
  });

  it('are refused for any other address than the one they were issued to', async () => {
    const { url } = await linkOf();
    const beside = await access.ask(url, { headers: { 'x-forwarded-for': '198.51.100.7' } });
    expect([beside.status, beside.body.code]).toEqual([403, 'link-elsewhere']);
  });

  it('are neither issued nor opened outside the allowed networks', async () => {
    const { url } = await linkOf();
    const outside = { 'x-forwarded-for': '203.0.113.9' };
    const opened = await access.ask(url, { headers: outside });
    expect([opened.status, opened.body.code]).toEqual([403, 'network-refused']);
    const token = await access.issuer.sign({ scope: 'read listen' });
    const asked = await access.ask(`/sets/${access.airport.id}/items/0/audio-link`, {
      token,
      method: 'POST',
      headers: outside,
    });
    expect(asked.body.code).toBe('network-refused');
  });

  it('are not needed for a whole set’s audio, which is limited to the same networks', async () => {
    const token = await access.issuer.sign({ scope: 'read listen' });
    const zip = `/sets/${access.airport.id}/audio.zip`;
    expect((await access.ask(zip, { token })).status).toBe(200);
    const outside = await access.ask(zip, { token, headers: { 'x-forwarded-for': '203.0.113.9' } });
    expect([outside.status, outside.body.code]).toEqual([403, 'network-refused']);
  });

  it('are refused for another object, another time, or with another signature', async () => {
    const { url } = await linkOf();
    const [body = '', signature = ''] = url.replace('/api/v1/audio/', '').split('.');
    const grant = JSON.parse(Buffer.from(body, 'base64url').toString());
    const forgeries = [
      [{ ...grant, index: 1 }, signature],
      [{ ...grant, expiresAt: grant.expiresAt + 60_000 }, signature],
      [{ ...grant, address: '203.0.113.9' }, signature],
      [grant, signature.slice(0, -2)],
      [grant, ''],
    ];
    for (const [said, sealed] of forgeries) {
      const { status, body: answer } = await access.ask(`/api/v1/audio/${encoded(said)}.${sealed}`);
      expect([status, answer.code]).toEqual([403, 'link-forged']);
    }
    expect((await access.ask('/api/v1/audio/nonsense')).body.code).toBe('link-forged');
  });

  it('are not issued for items without audio', async () => {
    const token = await access.issuer.sign({ scope: 'read listen' });
    const { status } = await access.ask(`/sets/${access.airport.id}/items/2/audio-link`, {
      token,
      method: 'POST',
    });
    expect(status).toBe(404);
  });
});
