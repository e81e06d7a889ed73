/** Checks that an mp3 is whole: mediabunny reads it as players do, and drops a frame that breaks off. */

/** Of layer III, in kbit/s, by the header's index. Index 0 means a free rate, which mediabunny doesn't read either. */
const BITRATES = {
  mpeg1: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  mpeg2: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
} as const;

/** Of MPEG 1, in Hz, by the header's index. MPEG 2 has half of each, MPEG 2.5 a quarter. */
const SAMPLE_RATES = [44_100, 48_000, 32_000] as const;

const HEADER_BYTES = 4;
const ID3V1_BYTES = 128;
const ID3V2_HEADER_BYTES = 10;
const APE_FOOTER_BYTES = 32;

interface Frame {
  /** In bytes, with its header. */
  readonly length: number;
  /** Where the encoder's note is, if this is the first frame: after the header and the side information. */
  readonly noteAt: number;
}

/**
 * Follows the frames from header to header to the file's end. Apart from them there may be ID3 and APE tags. A cut
 * between two frames is found only if the encoder noted how many there are.
 * @throws Error if it is not whole
 */
export function checkMp3Frames(mp3: Uint8Array): void {
  const bytes = Buffer.from(mp3.buffer, mp3.byteOffset, mp3.length);
  let at = 0;
  let frames = 0;
  let noted = 0;
  while (at < bytes.length) {
    const frame = frameAt(bytes, at);
    if (frame && frames++ === 0) noted = notedFrames(bytes.subarray(at, at + frame.length), frame);
    const length = frame?.length ?? id3v2Length(bytes, at);
    if (length === 0) break;
    at += length;
  }
  const rest = bytes.length - at;
  if (rest < 0 || (rest > 0 && rest < HEADER_BYTES)) throw new Error('it breaks off within a frame or a tag');
  if (frames === 0 || !isTags(bytes.subarray(at))) throw new Error(`it is not an mp3 from byte ${at} on`);
  // The frame with the note holds no sound, and isn't counted in it.
  if (frames - 1 < noted) throw new Error(`it has ${frames - 1} of ${noted} frames`);
}

/** The frame whose header is at a position. */
function frameAt(bytes: Buffer, at: number): Frame | undefined {
  if (bytes.length - at < HEADER_BYTES) return undefined;
  const header = bytes.readUInt32BE(at);
  const version = (header >>> 19) & 3;
  const isLayer3 = ((header >>> 17) & 3) === 1;
  if (header >>> 21 !== 0x7_ff || version === 1 || !isLayer3) return undefined;
  const isMpeg1 = version === 3;
  const kbps = BITRATES[isMpeg1 ? 'mpeg1' : 'mpeg2'][(header >>> 12) & 15];
  const rate = SAMPLE_RATES[(header >>> 10) & 3];
  if (!kbps || rate === undefined) return undefined;
  const padding = (header >>> 9) & 1;
  const isMono = ((header >>> 6) & 3) === 3;
  const hz = isMpeg1 ? rate : version === 2 ? rate / 2 : rate / 4;
  const sideBytes = isMpeg1 ? (isMono ? 17 : 32) : isMono ? 9 : 17;
  return {
    length: Math.floor(((isMpeg1 ? 144_000 : 72_000) * kbps) / hz) + padding,
    noteAt: HEADER_BYTES + sideBytes,
  };
}

/** How many frames follow the first, if it holds that note of the encoder's (Xing, or Info at a constant bitrate). */
function notedFrames(first: Buffer, { noteAt }: Frame): number {
  const note = first.subarray(noteAt, noteAt + 12);
  const name = note.toString('latin1', 0, 4);
  if (note.length < 12 || (name !== 'Xing' && name !== 'Info')) return 0;
  const hasFrames = (note.readUInt32BE(4) & 1) === 1;
  return hasFrames ? note.readUInt32BE(8) : 0;
}

/** In bytes; 0 if there is none. Each byte of the size that it gives holds seven bits. */
function id3v2Length(bytes: Buffer, at: number): number {
  const tag = bytes.subarray(at, at + ID3V2_HEADER_BYTES);
  if (tag.length < ID3V2_HEADER_BYTES || tag.toString('latin1', 0, 3) !== 'ID3') return 0;
  const size = tag.subarray(6).reduce((sum, byte) => sum * 128 + (byte & 127), 0);
  const hasFooter = ((tag[5] ?? 0) & 16) !== 0;
  return ID3V2_HEADER_BYTES + size + (hasFooter ? ID3V2_HEADER_BYTES : 0);
}

/** Whether what comes after the last frame is nothing, or an APE tag, or an ID3v1 tag, or both in this order. */
function isTags(rest: Buffer): boolean {
  const id3At = rest.length - ID3V1_BYTES;
  const hasId3 = id3At >= 0 && rest.toString('latin1', id3At, id3At + 3) === 'TAG';
  const ape = hasId3 ? rest.subarray(0, id3At) : rest;
  const footer = ape.subarray(-APE_FOOTER_BYTES);
  if (footer.length < APE_FOOTER_BYTES || footer.toString('latin1', 0, 8) !== 'APETAGEX')
    return ape.length === 0;
  // The size covers items and footer; the highest flag says whether a header comes before them.
  const hasHeader = footer.readUInt32LE(20) >>> 31 === 1;
  return footer.readUInt32LE(12) + (hasHeader ? APE_FOOTER_BYTES : 0) === ape.length;
}
