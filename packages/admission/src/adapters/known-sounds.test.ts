/** What a plan counts as paid for and stored. */
import { paidFor, recorded } from '@setlist/testkit';
import { expect, test } from 'vitest';
import { knownSounds } from './known-sounds.ts';
import { StoredAudio } from './stored-audio.ts';

test("an object named by a payment counts as gone if it is not the sound's own audio, even if it exists", async () => {
  const [own, lie] = [paidFor('Mine.'), paidFor('Not mine.', { object: 'sets/of-another.yml' })];
  const records = recorded([own, lie]);
  const last = async (subject: string) => records.find((each) => each.subject === subject);
  const there = async () => ({
    bytes: 4,
    version: '1',
    contentType: 'audio/mpeg',
    metadata: {},
    modified: new Date(),
  });
  const nothing = async function* () {};
  const store = { uri: 'file:///store', head: there, read: nothing, list: nothing };
  const audio = new StoredAudio(store, { head: async () => 2 });
  const { paid, gone } = await knownSounds({ log: { last, first: last }, audio }, [
    own.data.hash,
    lie.data.hash,
  ]);
  expect(paid).toEqual(new Set([own.data.hash, lie.data.hash]));
  expect(gone).toEqual(new Set([lie.data.hash]));
});
