/** The store that many machines share: objects in a bucket of S3, or of anything that speaks its API. */
import { hash, randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { HeadObjectCommandInput, HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import { piecesOf } from '../body.ts';
import { damaged } from '../digest.ts';
import type {
  Body,
  CopyOptions,
  ListedObject,
  ObjectAt,
  ObjectStore,
  PresignOptions,
  PutOptions,
  SignedAddress,
  StoredObject,
} from '../object-store.ts';
import { requireKey, requireMetadata, requirePrefix } from '../preconditions.ts';
import { type S3, type S3StoreOptions, s3Of, serviceOf } from './client.ts';
import { Conditions, type Write } from './conditions.ts';
import { copyObject } from './copy.ts';
import { absentError, s3Error, statusOf } from './errors.ts';
import { S3Headers } from './headers.ts';
import { Digests, hexOf, versionOf } from './identity.ts';
import { listObjects } from './list.ts';
import { uploadParts, writePieces } from './multipart.ts';
import { s3InRegionOf, signedAddress } from './presign.ts';

/**
 * A store in `bucket` below `prefix` (empty for the whole bucket). Credentials come from the SDK's default chain.
 *
 * Bodies are sent in one request, which S3 takes whole or not at all, or in parts; always with their SHA-256. S3
 * refuses a body that does not match and keeps the checksum beside the object, and the SDK checks it on reading. The
 * SDK makes up to three attempts when a call fails temporarily: every call here is safe to repeat.
 */
export function s3ObjectStore(bucket: string, prefix: string, options: S3StoreOptions = {}): ObjectStore {
  return new S3ObjectStore(bucket, prefix, options);
}

/** How long the store counts as writable after a check. */
const WRITABLE_FOR_MS = 10 * 60 * 1000;

class S3ObjectStore implements ObjectStore {
  readonly uri: string;
  readonly #options: S3StoreOptions;
  readonly #s3: Promise<S3>;
  /** In the bucket's own region, once an address has been asked for. */
  #signing: S3 | undefined;
  readonly #bucket: string;
  /** What every key in the bucket begins with: empty, or ending in `/`. */
  readonly #base: string;
  readonly #headers: S3Headers;
  readonly #digests = new Digests();
  readonly #conditions = new Conditions();
  /** False once the store has said that it does not support such copies. */
  #copies = true;
  /** When `check` has to write again, in ms of this process's clock. */
  #writableUntilMs = 0;

  constructor(bucket: string, prefix: string, options: S3StoreOptions) {
    this.#options = options;
    this.#s3 = s3Of(options);
    // The first call reports it.
    this.#s3.catch(() => undefined);
    this.#bucket = bucket;
    this.#headers = new S3Headers(options);
    this.#base = prefix === '' ? '' : `${prefix}/`;
    this.uri = prefix === '' ? `s3://${bucket}` : `s3://${bucket}/${prefix}`;
  }

  locate(key: string): string {
    return `s3://${this.#bucket}/${this.#keyInBucket(key)}`;
  }

  async put(key: string, body: Body, options: PutOptions): Promise<boolean> {
    requireMetadata(options.metadata);
    const target = this.#keyInBucket(key);
    if (body instanceof Uint8Array) return await this.#write(target, body, options);
    return await writePieces(piecesOf(body), (whole) => this.#write(target, whole, options));
  }

  async get(key: string): Promise<Uint8Array> {
    return await this.#read(this.#keyInBucket(key));
  }

  async *read(key: string, version?: string): AsyncGenerator<Uint8Array> {
    const name = this.#keyInBucket(key);
    try {
      const { sdk, client } = await this.#s3;
      const answer = await client.send(new sdk.GetObjectCommand({ Bucket: this.#bucket, Key: name }));
      const body = answer.Body as Readable;
      if (version !== undefined && versionOf(answer) !== version) {
        body.destroy();
        throw absentError(this.#bucket, name);
      }
      yield* body;
    } catch (error) {
      throw s3Error(error, `Cannot read s3://${this.#bucket}/${name}`);
    }
  }

  async presign(key: string, options: PresignOptions): Promise<SignedAddress> {
    const at = { bucket: this.#bucket, key: this.#keyInBucket(key) };
    this.#signing ??= await s3InRegionOf(at.bucket, await this.#s3, this.#options);
    return await signedAddress(this.#signing, at, options);
  }

  async head(key: string): Promise<StoredObject | undefined> {
    const answer = await this.#headOf(this.#keyInBucket(key));
    if (!answer) return undefined;
    const {
      ContentLength: bytes = 0,
      LastModified: modified = new Date(0),
      Metadata: metadata = {},
    } = answer;
    return { bytes, modified, version: versionOf(answer), metadata };
  }

  async copyFrom({ store, key }: ObjectAt, to: string, options: CopyOptions): Promise<boolean> {
    if (!this.#copies || !(store instanceof S3ObjectStore)) return false;
    if (serviceOf(store.#options) !== serviceOf(this.#options)) return false;
    const isCopied = await this.#copyFrom(store, key, to, options);
    if (!isCopied) this.#copies = false;
    return isCopied;
  }

  /** @returns false if the store does not support such copies */
  async #copyFrom(store: S3ObjectStore, from: string, to: string, options: CopyOptions): Promise<boolean> {
    const { described, sha256 } = options;
    requireMetadata(described.metadata);
    const [source, target] = [store.#keyInBucket(from), this.#keyInBucket(to)];
    const etag = await store.#etagOf(source, sha256);
    return await copyObject(
      await this.#s3,
      { bucket: store.#bucket, key: source },
      {
        Bucket: this.#bucket,
        Key: target,
        // Only the object that was checked is copied: S3 refuses if it has been replaced since.
        ...(etag === undefined ? {} : { CopySourceIfMatch: etag }),
        ...this.#headers.describingAnew(described),
      },
    );
  }

  /**
   * The ETag of an object whose bytes have this SHA-256. S3 knows it for an object that was stored with it in one
   * request; any other object is read, once while its ETag stays the same.
   *
   * @throws StoreError with `not-found`, or `damaged` if the SHA-256 differs
   */
  async #etagOf(key: string, sha256: string): Promise<string | undefined> {
    const head = await this.#headOf(key, { ChecksumMode: 'ENABLED' });
    if (!head) throw absentError(this.#bucket, key);
    const { ETag: etag, ChecksumSHA256: kept, ChecksumType: type } = head;
    const read = async (): Promise<string> => hash('sha256', await this.#read(key));
    const found =
      kept === undefined || type === 'COMPOSITE' ? await this.#digests.of(key, etag, read) : hexOf(kept);
    if (found !== sha256) throw damaged(`s3://${this.#bucket}/${key}`);
    return etag;
  }

  async delete(key: string): Promise<void> {
    await this.#remove(this.#keyInBucket(key));
  }

  async *list(prefix: string, passedOver = (_name: string): void => {}): AsyncGenerator<ListedObject> {
    requirePrefix(prefix);
    try {
      const place = { bucket: this.#bucket, base: this.#base };
      yield* listObjects(await this.#s3, place, prefix, passedOver);
    } catch (error) {
      throw s3Error(error, `Cannot list ${this.uri}`);
    }
  }

  async check(): Promise<void> {
    const probe = `${this.#base}.setlist-${randomUUID()}.tmp`;
    // Without s3:ListBucket, S3 answers 403 instead of 404 for a missing object, so that no lookup would work.
    await this.#headOf(probe);
    // A bucket that keeps versions keeps two for every probe, and readiness is checked every few seconds.
    if (performance.now() < this.#writableUntilMs) return;
    await this.#write(probe, Buffer.from('setlist'), { contentType: 'text/plain' });
    await this.#read(probe);
    await this.#remove(probe);
    this.#writableUntilMs = performance.now() + WRITABLE_FOR_MS;
  }

  #keyInBucket(key: string): string {
    requireKey(key);
    if (this.#base !== '') requireKey(this.#base + key);
    return this.#base + key;
  }

  /** @returns false if `ifAbsent` is set and there is such an object */
  async #write(
    key: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    { ifAbsent = false, ...described }: PutOptions,
  ): Promise<boolean> {
    const target = { Bucket: this.#bucket, Key: key, ...this.#headers.describing(described) };
    const isThere = async (): Promise<boolean> => (await this.#headOf(key)) !== undefined;
    const finish = async (write: Write): Promise<boolean> =>
      ifAbsent ? await this.#conditions.ifAbsent(write, isThere) : write({}).then(() => true);
    try {
      const s3 = await this.#s3;
      if (!(body instanceof Uint8Array)) return await uploadParts(s3, { target, finish }, body);
      const put = { ...target, Body: body, ChecksumSHA256: hash('sha256', body, 'base64') };
      return await finish((condition) =>
        s3.client.send(new s3.sdk.PutObjectCommand({ ...put, ...condition })),
      );
    } catch (error) {
      throw s3Error(error, `Cannot write s3://${this.#bucket}/${key}`);
    }
  }

  async #read(key: string): Promise<Uint8Array> {
    try {
      const { sdk, client } = await this.#s3;
      const answer = await client.send(new sdk.GetObjectCommand({ Bucket: this.#bucket, Key: key }));
      return (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
    } catch (error) {
      throw s3Error(error, `Cannot read s3://${this.#bucket}/${key}`);
    }
  }

  async #headOf(
    key: string,
    how: Partial<HeadObjectCommandInput> = {},
  ): Promise<HeadObjectCommandOutput | undefined> {
    try {
      const { sdk, client } = await this.#s3;
      return await client.send(new sdk.HeadObjectCommand({ Bucket: this.#bucket, Key: key, ...how }));
    } catch (error) {
      // Without a body, the answer does not say what is missing: the object or the bucket.
      if (statusOf(error) === 404) return undefined;
      throw s3Error(error, `Cannot look up s3://${this.#bucket}/${key}`);
    }
  }

  async #remove(key: string): Promise<void> {
    try {
      const { sdk, client } = await this.#s3;
      await client.send(new sdk.DeleteObjectCommand({ Bucket: this.#bucket, Key: key }));
    } catch (error) {
      throw s3Error(error, `Cannot remove s3://${this.#bucket}/${key}`);
    }
  }
}
