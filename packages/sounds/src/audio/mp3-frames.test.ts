import { expect, test } from 'vitest';
import { checkMp3Frames } from './mp3-frames.ts';

/** Headers as encoders write them, and the length of such a frame in bytes. */
const FRAMES = {
  'MPEG 1, 128 kbit/s, 44.1 kHz, stereo': ['fffb9000', 417],
  'MPEG 1, 128 kbit/s, 44.1 kHz, padded': ['fffb9200', 418],
  'MPEG 1, 320 kbit/s, 48 kHz': ['fffbe400', 960],
  'MPEG 1, 32 kbit/s, 32 kHz, mono': ['fffb18c4', 144],
  'MPEG 1 with a checksum, 48 kbit/s, 44.1 kHz': ['fffa30c4', 156],
  'MPEG 2, 48 kbit/s, 22.05 kHz, mono': ['fff360c4', 156],
  'MPEG 2, 48 kbit/s, 24 kHz, mono': ['fff364c4', 144],
  'MPEG 2, 160 kbit/s, 16 kHz': ['fff3e800', 720],
  'MPEG 2.5, 32 kbit/s, 8 kHz, mono': ['ffe348c4', 288],
  'MPEG 2.5, 8 kbit/s, 11.025 kHz, mono': ['ffe310c4', 52],
} as const;

type Kind = keyof typeof FRAMES;
const KINDS = Object.keys(FRAMES) as Kind[];
const SPEECH = 'MPEG 2, 48 kbit/s, 22.05 kHz, mono';
const SIDE_BYTES_END = { [SPEECH]: 13, 'MPEG 1, 128 kbit/s, 44.1 kHz, stereo': 36 } as const;

function frame(kind: Kind): Buffer {
  const [header, length] = FRAMES[kind];
  const bytes = Buffer.alloc(length, 0x55);
  bytes.write(header, 'hex');
  return bytes;
}

const speech = (count: number): Buffer => Buffer.concat(Array.from({ length: count }, () => frame(SPEECH)));

/** The frame in which encoders note how many follow. */
function noteFrame(kind: keyof typeof SIDE_BYTES_END, name: 'Xing' | 'Info', flags: number, count: number) {
  const bytes = frame(kind);
  const at = SIDE_BYTES_END[kind];
  bytes.write(name, at, 'latin1');
  bytes.writeUInt32BE(flags, at + 4);
  bytes.writeUInt32BE(count, at + 8);
  return bytes;
}

/** An ID3v2 tag with a body of 300 bytes, which look like frames. */
function id3v2(flags = 0): Buffer {
  const head = Buffer.from([0x49, 0x44, 0x33, 4, 0, flags, 0, 0, 2, 44]);
  return Buffer.concat([head, Buffer.alloc(300, 'fffb9000', 'hex'), ...(flags & 16 ? [head] : [])]);
}

const id3v1 = (): Buffer => Buffer.concat([Buffer.from('TAG'), Buffer.alloc(125)]);

/** An APE tag with 40 bytes of items. */
function ape({ hasHeader }: { hasHeader: boolean }): Buffer {
  const end = Buffer.alloc(32);
  end.write('APETAGEX', 'latin1');
  end.writeUInt32LE(2_000, 8);
  end.writeUInt32LE(72, 12);
  end.writeUInt32LE(hasHeader ? 0x80_00_00_00 : 0, 20);
  return Buffer.concat([...(hasHeader ? [end] : []), Buffer.alloc(40, 'a'), end]);
}

const check = (...parts: Uint8Array[]) => {
  const mp3 = Buffer.concat(parts);
  return () => checkMp3Frames(mp3);
};

test.each(KINDS)('%s: whole frames pass, and a cut anywhere but between frames is found', (kind) => {
  const mp3 = Buffer.concat([frame(kind), frame(kind), frame(kind)]);
  expect(check(mp3)).not.toThrow();
  const { length } = frame(kind);
  for (let kept = 2 * length + 1; kept < 3 * length; kept++)
    expect(check(mp3.subarray(0, kept)), `${kept} bytes`).toThrow('breaks off');
});

test('frames of different lengths pass, as in a variable bitrate', () => {
  expect(check(...KINDS.map(frame))).not.toThrow();
});

test('tags pass before and after the frames', () => {
  const sound = speech(3);
  expect(check(id3v2(), sound)).not.toThrow();
  expect(check(id3v2(16), id3v2(), sound, id3v1())).not.toThrow();
  for (const hasHeader of [true, false]) {
    expect(check(sound, ape({ hasHeader }))).not.toThrow();
    expect(check(sound, ape({ hasHeader }), id3v1())).not.toThrow();
  }
});

test('a tag hides no cut', () => {
  const cut = speech(3).subarray(0, -1);
  expect(check(id3v2(), cut)).toThrow('breaks off');
  for (const tag of [id3v1(), ape({ hasHeader: true }), ape({ hasHeader: false })])
    expect(check(cut, tag)).toThrow('not an mp3');
  for (const tag of [id3v2(), id3v1(), ape({ hasHeader: true })])
    expect(check(speech(3), tag.subarray(0, -1))).toThrow(/breaks off|not an mp3/);
});

test('bytes that are missing in the middle are found', () => {
  const mp3 = speech(9);
  expect(check(mp3.subarray(0, 500), mp3.subarray(600))).toThrow('not an mp3');
});

test('frames are missing only if there are fewer than the encoder noted', () => {
  for (const name of ['Xing', 'Info'] as const) {
    const note = noteFrame(SPEECH, name, 15, 5);
    expect(check(id3v2(), note, speech(5))).not.toThrow();
    expect(check(note, speech(6))).not.toThrow();
    expect(check(id3v2(), note, speech(4))).toThrow('4 of 5 frames');
    expect(check(note)).toThrow('0 of 5 frames');
  }
  const stereo = 'MPEG 1, 128 kbit/s, 44.1 kHz, stereo';
  expect(check(noteFrame(stereo, 'Xing', 1, 2), frame(stereo))).toThrow('1 of 2 frames');
  expect(check(noteFrame(SPEECH, 'Xing', 14, 5), speech(1)), 'a note without a count').not.toThrow();
});

test('what is not an mp3 of layer III is refused', () => {
  for (const header of ['fff590c4', 'ffeb90c4', 'fffbf000', 'fffb0000', 'fffb9c00', 'ffdb9000'])
    expect(check(Buffer.from(header, 'hex'), Buffer.alloc(1_000)), header).toThrow('not an mp3');
  expect(check(id3v2(), id3v1()), 'tags without sound').toThrow('not an mp3');
});
