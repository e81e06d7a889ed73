/** What is said of an object when it is written to S3: its type, and what the operator wants said of all of them. */
import type { Description } from '../object-store.ts';

export interface S3HeaderOptions {
  /** `Cache-Control` of audio and speech marks, such as `public, max-age=31536000, immutable`. */
  readonly audioCacheControl?: string | undefined;
  /** Tags of every object; S3 takes ten. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Encryption at rest, where it is not to be the bucket's own default. */
  readonly encryption?: 'AES256' | 'aws:kms' | undefined;
  /** Id, ARN or alias of a KMS key; with `aws:kms` the account's own key for S3 unless given. */
  readonly kmsKeyId?: string | undefined;
}

const AUDIO = /^(?:audio\/|application\/x-json-stream$)/;

/** Headers of a request that writes an object, as the SDK calls them. */
export class S3Headers {
  readonly #options: S3HeaderOptions;

  constructor(options: S3HeaderOptions) {
    this.#options = options;
  }

  /** Of a new object. */
  describing({ contentType, metadata }: Description) {
    const { audioCacheControl, tags, encryption, kmsKeyId } = this.#options;
    return {
      ContentType: contentType,
      ...(metadata && { Metadata: { ...metadata } }),
      ...(audioCacheControl !== undefined && AUDIO.test(contentType) && { CacheControl: audioCacheControl }),
      ...(tags && { Tagging: new URLSearchParams(tags).toString() }),
      ...(encryption && { ServerSideEncryption: encryption }),
      ...(kmsKeyId !== undefined && { SSEKMSKeyId: kmsKeyId }),
    };
  }

  /**
   * Of a copy: it keeps nothing of what its source says. Tags are replaced only where there are some to set: stores that
   * know no tags refuse a header that names them.
   */
  describingAnew(described: Description) {
    const headers = { Metadata: {}, ...this.describing(described) };
    const tagging = 'Tagging' in headers ? { TaggingDirective: 'REPLACE' as const } : {};
    return { MetadataDirective: 'REPLACE' as const, ...tagging, ...headers };
  }
}
