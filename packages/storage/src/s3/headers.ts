/** The headers of an object that is written to S3: its own type, and what the operator has set for all objects. */
import type { Description } from '../object-store.ts';

export interface S3HeaderOptions {
  /** `Cache-Control` of audio and speech marks, such as `public, max-age=31536000, immutable`. */
  readonly audioCacheControl?: string | undefined;
  /** Tags of every object; S3 takes at most ten. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Encryption at rest, if not the bucket's own default. */
  readonly encryption?: 'AES256' | 'aws:kms' | undefined;
  /** Id, ARN or alias of a KMS key; without it, `aws:kms` uses the account's own key for S3. */
  readonly kmsKeyId?: string | undefined;
}

const AUDIO = /^(?:audio\/|application\/x-json-stream$)/;

/** Headers of requests that write an object, under the SDK's names. */
export class S3Headers {
  readonly #options: S3HeaderOptions;

  constructor(options: S3HeaderOptions) {
    this.#options = options;
  }

  /** Headers of a new object. */
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
   * Headers of a copy, which keeps no headers or metadata of its source. Tags are replaced only if there are tags to
   * set, because stores that don't support tags refuse any header that mentions them.
   */
  describingAnew(described: Description) {
    const headers = { Metadata: {}, ...this.describing(described) };
    const tagging = 'Tagging' in headers ? { TaggingDirective: 'REPLACE' as const } : {};
    return { MetadataDirective: 'REPLACE' as const, ...tagging, ...headers };
  }
}
