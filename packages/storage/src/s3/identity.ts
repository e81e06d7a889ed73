/** How one body is told from another in S3: by its version, and by its SHA-256 where S3 knows it or after reading it. */
import { RecentMap } from '@setlist/runtime';

/**
 * Another one whenever an object is replaced, by the same bytes too if not within the same second: lists and answers to
 * HEAD agree on no more than that.
 */
export function versionOf(of: { ETag?: string | undefined; LastModified?: Date | undefined }): string {
  const { ETag = '', LastModified = new Date(0) } = of;
  return `${ETag.replaceAll('"', '')}@${Math.floor(LastModified.getTime() / 1_000)}`;
}

/** A checksum of S3's as events have it. */
export const hexOf = (base64: string): string => Buffer.from(base64, 'base64').toString('hex');

const REMEMBERED = 20_000;

/** Remembers the SHA-256 of objects that were read to learn it, for as long as they stay the same. */
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
