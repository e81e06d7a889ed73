/** Objects in a bucket of S3, or of anything that speaks its API: the store that many machines share. */
import { randomUUID } from 'node:crypto';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { checkObjectKey } from '@setlist/contracts';
import type { ListedObject, ObjectStore, PutOptions, StoredObject } from './object-store.ts';
import { requireKey, requireMetadata, requirePrefix } from './preconditions.ts';
import { s3Error } from './s3-errors.ts';
import { StoreError } from './store-error.ts';

export interface S3StoreOptions {
  /** Another address than AWS's own, such as `http://127.0.0.1:9000`. */
  readonly endpoint?: string | undefined;
  /** By default AWS_REGION or the profile's. A bucket in another region is found by itself, at AWS. */
  readonly region?: string | undefined;
  /** `endpoint/bucket/key` instead of `bucket.endpoint/key`; what most stores other than AWS's need. */
  readonly forcePathStyle?: boolean | undefined;
}

/** More than the calls that a dispatcher has under way: 80 to Polly, each stored and copied. */
const MAX_SOCKETS = 256;
const CONNECT_TIMEOUT_MS = 5_000;
/** Silence on the line after which a call is taken for dead. */
const SILENCE_TIMEOUT_MS = 30_000;

/**
 * A store in `bucket` below `prefix` (empty for the whole bucket). Credentials come from the SDK's default chain.
 *
 * Bodies go in one request, which S3 takes whole or not at all up to 5 GiB; the SDK adds a CRC and checks it on the way
 * back. Calls that fail in passing are repeated by the SDK, three times in all: every call here may be repeated.
 */
export function s3ObjectStore(bucket: string, prefix: string, options: S3StoreOptions = {}): ObjectStore {
  return new S3ObjectStore(new S3Client(clientConfig(options)), bucket, prefix);
}

function clientConfig({ endpoint, region, forcePathStyle = false }: S3StoreOptions): S3ClientConfig {
  return {
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
    forcePathStyle,
    followRegionRedirects: true,
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: SILENCE_TIMEOUT_MS,
      httpAgent: { keepAlive: true, maxSockets: MAX_SOCKETS },
      httpsAgent: { keepAlive: true, maxSockets: MAX_SOCKETS },
    },
  };
}

class S3ObjectStore implements ObjectStore {
  readonly uri: string;
  readonly #client: S3Client;
  readonly #bucket: string;
  /** What stands before every key: empty, or ending in `/`. */
  readonly #base: string;

  constructor(client: S3Client, bucket: string, prefix: string) {
    this.#client = client;
    this.#bucket = bucket;
    this.#base = prefix === '' ? '' : `${prefix}/`;
    this.uri = prefix === '' ? `s3://${bucket}` : `s3://${bucket}/${prefix}`;
  }

  locate(key: string): string {
    return `s3://${this.#bucket}/${this.#keyInBucket(key)}`;
  }

  async put(key: string, body: Uint8Array, options: PutOptions): Promise<void> {
    requireMetadata(options.metadata);
    await this.#write(this.#keyInBucket(key), body, options);
  }

  async get(key: string): Promise<Uint8Array> {
    return await this.#read(this.#keyInBucket(key));
  }

  async head(key: string): Promise<StoredObject | undefined> {
    return await this.#head(this.#keyInBucket(key));
  }

  async copy(from: string, to: string, options?: PutOptions): Promise<void> {
    requireMetadata(options?.metadata);
    const [source, target] = [this.#keyInBucket(from), this.#keyInBucket(to)];
    if (source === target && options === undefined) return await this.#requirePresent(source);
    const replaced = options && {
      MetadataDirective: 'REPLACE' as const,
      ContentType: options.contentType,
      Metadata: { ...options.metadata },
    };
    try {
      await this.#client.send(
        new CopyObjectCommand({
          Bucket: this.#bucket,
          Key: target,
          // The SDK passes this header on as it is; unencoded, S3 would take `+` for a space and refuse umlauts.
          CopySource: `${this.#bucket}/${source.split('/').map(encodeURIComponent).join('/')}`,
          ...replaced,
        }),
      );
    } catch (error) {
      throw s3Error(error, `Cannot copy ${this.locate(from)} to ${this.locate(to)}`);
    }
  }

  async delete(key: string): Promise<void> {
    await this.#remove(this.#keyInBucket(key));
  }

  async *list(prefix: string): AsyncGenerator<ListedObject> {
    requirePrefix(prefix);
    const input = { Bucket: this.#bucket, Prefix: this.#base + prefix };
    try {
      for await (const page of paginateListObjectsV2({ client: this.#client }, input)) {
        for (const { Key = '', Size = 0, LastModified = new Date(0) } of page.Contents ?? []) {
          const key = Key.slice(this.#base.length);
          if (checkObjectKey(key) === undefined) yield { key, bytes: Size, modified: LastModified };
        }
      }
    } catch (error) {
      throw s3Error(error, `Cannot list ${this.uri}`);
    }
  }

  async check(): Promise<void> {
    const probe = `${this.#base}.setlist-${randomUUID()}.tmp`;
    // Without s3:ListBucket S3 denies what it should call absent, and nothing could be looked up.
    await this.#head(probe);
    await this.#write(probe, Buffer.from('setlist'), { contentType: 'text/plain' });
    await this.#read(probe);
    await this.#remove(probe);
  }

  #keyInBucket(key: string): string {
    requireKey(key);
    if (this.#base !== '') requireKey(this.#base + key);
    return this.#base + key;
  }

  async #write(key: string, body: Uint8Array, { contentType, metadata }: PutOptions): Promise<void> {
    const described = { ContentType: contentType, ...(metadata && { Metadata: { ...metadata } }) };
    try {
      await this.#client.send(
        new PutObjectCommand({ Bucket: this.#bucket, Key: key, Body: body, ...described }),
      );
    } catch (error) {
      throw s3Error(error, `Cannot write s3://${this.#bucket}/${key}`);
    }
  }

  async #read(key: string): Promise<Uint8Array> {
    try {
      const answer = await this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key }));
      return (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
    } catch (error) {
      throw s3Error(error, `Cannot read s3://${this.#bucket}/${key}`);
    }
  }

  async #head(key: string): Promise<StoredObject | undefined> {
    try {
      const answer = await this.#client.send(new HeadObjectCommand({ Bucket: this.#bucket, Key: key }));
      return { bytes: answer.ContentLength ?? 0, metadata: answer.Metadata ?? {} };
    } catch (error) {
      const failure = s3Error(error, `Cannot look up s3://${this.#bucket}/${key}`);
      if (failure.code === 'not-found') return undefined;
      throw failure;
    }
  }

  async #remove(key: string): Promise<void> {
    try {
      await this.#client.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key: key }));
    } catch (error) {
      throw s3Error(error, `Cannot remove s3://${this.#bucket}/${key}`);
    }
  }

  /** S3 refuses to copy an object to itself unchanged; all that such a copy can tell is whether it is there. */
  async #requirePresent(key: string): Promise<void> {
    if (await this.#head(key)) return;
    throw new StoreError('not-found', `There is no object s3://${this.#bucket}/${key}.`, {
      remedy: 'Check the key, and whether the object was removed.',
    });
  }
}
