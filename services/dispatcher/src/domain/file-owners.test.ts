/** Which run a file belongs to, in whatever order its completions arrive. */
import { expect, test } from 'vitest';
import { FileOwners } from './file-owners.ts';

const by = (acceptedSeq: number, audio = `audio of ${acceptedSeq}`) => ({
  set: `run of ${acceptedSeq}`,
  index: 0,
  acceptedSeq,
  hash: `hash of ${audio}`,
  sha256: audio,
});

test('of the runs that completed a file, it belongs to the one accepted last', () => {
  const owners = new FileOwners();
  expect(owners.completed('a.mp3', by(20))).toBeUndefined();
  expect(owners.isTaken('a.mp3', 10)).toBe(true);
  expect(owners.isTaken('a.mp3', 20)).toBe(false);
  expect(owners.isTaken('b.mp3', 10)).toBe(false);
  expect(owners.completed('a.mp3', by(10))).toEqual({ file: 'a.mp3', owner: by(20), other: by(10) });
  expect(owners.completed('a.mp3', by(30))).toEqual({ file: 'a.mp3', owner: by(30), other: by(20) });
  expect(owners.isTaken('a.mp3', 20)).toBe(true);
});

test('runs that completed a file with the same audio do not contest it', () => {
  const owners = new FileOwners();
  owners.completed('a.mp3', by(20, 'the same'));
  expect(owners.completed('a.mp3', by(10, 'the same'))).toBeUndefined();
  expect(owners.completed('a.mp3', by(30, 'the same'))).toBeUndefined();
  expect(owners.completed('a.mp3', by(40))?.other).toEqual(by(30, 'the same'));
});
