/** How bodies in S3 are told apart: by version, and by SHA-256, which S3 knows or which is computed by reading. */
import { RecentMap } from '@setlist/runtime';

/**
 * Changes whenever an object is replaced, except by the same bytes within the same second: lists and answers to HEAD
 * agree on no more than ETag and second.
 */
export function versionOf(of: { ETag?: string | undefined; LastModified?: Date | undefined }): string {
  const { ETag = '', LastModified = new Date(0) } = of;
  return `${ETag.replaceAll('"', '')}@${Math.floor(LastModified.getTime() / 1_000)}`;
}

/** S3's base64 checksum in hex, as in events. */
export const hexOf = (base64: string): string => Buffer.from(base64, 'base64').toString('hex');

const REMEMBERED = 20_000;

/** Remembers the SHA-256 of objects that had to be read to compute it, while their ETag stays the same. */
export class Digests {
  /** By key and ETag. */
  readonly #known = new RecentMap<string, string>(REMEMBERED);

  /** The hex digest of an object in this state, from memory or by reading it. */
  async of(key: string, etag: string | undefined, read: () => Promise<string>): Promise<string> {
    const state = `${key} ${etag}`;
    const known = etag === undefined ? undefined : this.#known.get(state);
    if (known !== undefined) return known;
    const found = await read();
    this.#known.set(state, found);
    return found;
  }
}
