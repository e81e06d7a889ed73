/** Links to audio: signed, short-lived, and valid for one object and one client address. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { plainAddress } from '@setlist/runtime';
import { z } from 'zod';

/** What a link opens, and for which address. */
export interface AudioGrant {
  readonly setId: string;
  readonly index: number;
  /** Of the audio when the link was issued: audio that is made again needs a new link. */
  readonly sha256: string;
  /** The client address that can use the link. */
  readonly address: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

export type Opened =
  | { readonly ok: true; readonly grant: AudioGrant }
  | { readonly ok: false; readonly why: 'forged' | 'expired' | 'elsewhere' };

const grantSchema = z.object({
  setId: z.string(),
  index: z.int(),
  sha256: z.string(),
  address: z.string(),
  expiresAt: z.int(),
});

/** Makes the last segment of a link's path: the grant and its signature. */
export function sealGrant(grant: AudioGrant, secret: string): string {
  const said = Buffer.from(JSON.stringify({ ...grant, address: plainAddress(grant.address) }));
  return `${said.toString('base64url')}.${signature(said, secret).toString('base64url')}`;
}

/** Verifies and opens what {@link sealGrant} made, for the address that uses it. */
export function openGrant(token: string, secret: string, at: { address: string; now: number }): Opened {
  const [body = '', sealed = ''] = token.split('.', 2);
  const said = Buffer.from(body, 'base64url');
  const given = Buffer.from(sealed, 'base64url');
  const expected = signature(said, secret);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    return { ok: false, why: 'forged' };
  }
  const grant = grantSchema.parse(JSON.parse(said.toString()));
  if (at.now >= grant.expiresAt) return { ok: false, why: 'expired' };
  if (plainAddress(at.address) !== grant.address) return { ok: false, why: 'elsewhere' };
  return { ok: true, grant };
}

const signature = (said: Buffer, secret: string): Buffer =>
  createHmac('sha256', secret).update('setlist-audio-link/1\n').update(said).digest();
