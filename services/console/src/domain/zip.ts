/**
 * A zip of files that are stored uncompressed, made while it is read ([APPNOTE.TXT](https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT)).
 * Only its directory is kept until the end: for each file its name and 55 bytes more. Of the libraries, yazl looks at all
 * files twice for each one, and client-zip writes no zip64 for more than 65,534 files of less than 4 GB together.
 */

export interface ZippedFile {
  /** Its path in the zip, with `/` between folders. */
  readonly name: string;
  readonly bytes: number;
  readonly crc32: number;
  readonly read: () => AsyncIterable<Uint8Array>;
}

const MOST_16 = 0xffff;
const MOST_32 = 0xffff_ffff;
const UTF8_NAME = 0x0800;
/** Since 4.5, zips can have more than 65,534 files and more than 4 GB (zip64); the upper byte says Unix. */
const PLAIN = 20;
const ZIP64 = 45;
const MADE_BY = (3 << 8) | ZIP64;
/** A regular file that its owner and group can write (4.4.15). */
const MODE = (0o100664 << 16) >>> 0;
/** Size in which the directory is kept and sent. */
const BLOCK_BYTES = 65_536;

/** Streams the zip as fast as it is read. @param at every file's time of change */
export async function* zipOf(files: AsyncIterable<ZippedFile>, at: Date): AsyncGenerator<Uint8Array> {
  const directory = new Directory();
  let offset = 0;
  for await (const file of files) {
    const header = localHeader(file, at);
    yield header;
    let sent = 0;
    for await (const piece of file.read()) {
      sent += piece.length;
      yield piece;
    }
    if (sent !== file.bytes) throw new Error(`${file.name} has ${sent} bytes instead of ${file.bytes}`);
    directory.add(directoryRecord(file, at, offset));
    offset += header.length + sent;
  }
  yield* directory.blocks();
  yield directoryEnd(directory, offset);
}

/** One `Buffer` object for each record would take several times its bytes. */
class Directory {
  files = 0;
  bytes = 0;
  readonly #full: Buffer[] = [];
  #recent: Buffer[] = [];
  #recentBytes = 0;

  add(record: Buffer): void {
    this.files++;
    this.bytes += record.length;
    this.#recent.push(record);
    this.#recentBytes += record.length;
    if (this.#recentBytes >= BLOCK_BYTES) this.#close();
  }

  *blocks(): Generator<Buffer> {
    this.#close();
    yield* this.#full;
  }

  #close(): void {
    this.#full.push(Buffer.concat(this.#recent));
    this.#recent = [];
    this.#recentBytes = 0;
  }
}

/** 4.3.7 */
function localHeader(file: ZippedFile, at: Date): Buffer {
  const sizes = [file.bytes, file.bytes].filter((value) => value >= MOST_32);
  const extra = Buffer.concat([zip64Extra(sizes), unixTime(at)]);
  return Buffer.concat([
    numbers([4, 0x04034b50], [2, sizes.length > 0 ? ZIP64 : PLAIN]),
    described(file, at, extra),
    Buffer.from(file.name),
    extra,
  ]);
}

/** 4.3.12 @param offset where its local header begins */
function directoryRecord(file: ZippedFile, at: Date, offset: number): Buffer {
  const tooLarge = [file.bytes, file.bytes, offset].filter((value) => value >= MOST_32);
  const extra = Buffer.concat([zip64Extra(tooLarge), unixTime(at)]);
  return Buffer.concat([
    numbers([4, 0x02014b50], [2, MADE_BY], [2, tooLarge.length > 0 ? ZIP64 : PLAIN]),
    described(file, at, extra),
    // Length of its comment, its disk, internal attributes.
    numbers([2, 0], [2, 0], [2, 0], [4, MODE], [4, Math.min(offset, MOST_32)]),
    Buffer.from(file.name),
    extra,
  ]);
}

/** The fields from the flags to the lengths of name and extra, which both headers of a file have in common. */
function described({ name, bytes, crc32 }: ZippedFile, at: Date, extra: Buffer): Buffer {
  const size = Math.min(bytes, MOST_32);
  const time = (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1);
  const day = ((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate();
  return numbers(
    [2, UTF8_NAME],
    [2, 0],
    [2, time],
    [2, day],
    [4, crc32],
    [4, size],
    [4, size],
    [2, Buffer.byteLength(name)],
    [2, extra.length],
  );
}

/** 4.5.3: the values for which 32 bits are too few. */
const zip64Extra = (values: readonly number[]): Buffer =>
  values.length === 0
    ? Buffer.alloc(0)
    : numbers([2, 1], [2, 8 * values.length], ...values.map((value): Field => [8, value]));

/** Info-ZIP's extended timestamp: unlike the header's time, it says in which time zone it is. */
const unixTime = (at: Date): Buffer =>
  numbers([2, 0x5455], [2, 5], [1, 1], [4, Math.floor(at.getTime() / 1_000)]);

/** 4.3.14 to 4.3.16 @param offset where the directory begins */
function directoryEnd({ files, bytes }: Directory, offset: number): Buffer {
  const isZip64 = files >= MOST_16 || bytes >= MOST_32 || offset >= MOST_32;
  const large = numbers(
    ...([
      [4, 0x06064b50],
      [8, 44],
      [2, MADE_BY],
      [2, ZIP64],
      [4, 0],
      [4, 0],
    ] as const),
    ...([
      [8, files],
      [8, files],
      [8, bytes],
      [8, offset],
    ] as const),
    ...([
      [4, 0x07064b50],
      [4, 0],
      [8, offset + bytes],
      [4, 1],
    ] as const),
  );
  const count = Math.min(files, MOST_16);
  const end = numbers(
    ...([
      [4, 0x06054b50],
      [2, 0],
      [2, 0],
      [2, count],
      [2, count],
    ] as const),
    ...([
      [4, Math.min(bytes, MOST_32)],
      [4, Math.min(offset, MOST_32)],
      [2, 0],
    ] as const),
  );
  return isZip64 ? Buffer.concat([large, end]) : end;
}

/** How many bytes a number has, and its value. */
type Field = readonly [width: 1 | 2 | 4 | 8, value: number];

function numbers(...fields: readonly Field[]): Buffer {
  const buffer = Buffer.alloc(fields.reduce((sum, [width]) => sum + width, 0));
  let at = 0;
  for (const [width, value] of fields) {
    if (width === 8) buffer.writeBigUInt64LE(BigInt(value), at);
    else buffer.writeUIntLE(value, at, width);
    at += width;
  }
  return buffer;
}
