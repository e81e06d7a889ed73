/** Links to audio: for a moment, for an address, for one object, and no longer than it is that set's. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@setlist/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Access, encoded, startAccess } from './access-world.ts';

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

  it('hand out the audio without a token, whole or in part', async () => {
    const { url } = await linkOf();
    expect((await access.ask(url)).body.toString()).toBe('ID3!');
    const part = await access.ask(url, { headers: { range: 'bytes=1-2' } });
    expect([part.status, part.body.toString()]).toEqual([206, 'D3']);
  });

  it('open no audio that another run has written since', async () => {
    const file = join(access.world.folder, 'airport-gates/item-0.mp3');
    const audio = await readFile(file);
    await writeFile(file, 'ID3?');
    // A link may run out on its way here.
    const asked = async () => access.ask((await linkOf()).url);
    await eventually(async () => expect((await asked()).body.code).toBe('file-replaced'));
    await writeFile(file, audio);
    await eventually(async () => expect((await asked()).status).toBe(200));
  });

  it('are refused when late', async () => {
    const { url, expiresAt } = await linkOf();
    const late = await eventually(async () => {
      const answer = await access.ask(url);
      return answer.status !== 200 && answer;
    });
    expect([late.status, late.body.code]).toEqual([410, 'link-expired']);
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(expiresAt));
  });

  it('are refused from another address than the one they were given to', async () => {
    const { url } = await linkOf();
    const outside = await access.ask(url, { headers: { 'x-forwarded-for': '203.0.113.9' } });
    expect([outside.status, outside.body.code]).toEqual([403, 'link-elsewhere']);
    const token = await access.issuer.sign({ scope: 'read listen' });
    const asked = await access.ask(`/sets/${access.airport.id}/items/0/audio-link`, {
      token,
      method: 'POST',
      headers: { 'x-forwarded-for': '203.0.113.9' },
    });
    expect(asked.body.code).toBe('link-elsewhere');
  });

  it('are not needed for a whole set’s audio, which goes to the same addresses only', async () => {
    const token = await access.issuer.sign({ scope: 'read listen' });
    const zip = `/sets/${access.airport.id}/audio.zip`;
    expect((await access.ask(zip, { token })).status).toBe(200);
    const outside = await access.ask(zip, { token, headers: { 'x-forwarded-for': '203.0.113.9' } });
    expect([outside.status, outside.body.code]).toEqual([403, 'link-elsewhere']);
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

  it('are not given for what has no audio', async () => {
    const token = await access.issuer.sign({ scope: 'read listen' });
    const { status } = await access.ask(`/sets/${access.airport.id}/items/2/audio-link`, {
      token,
      method: 'POST',
    });
    expect(status).toBe(404);
  });
});
