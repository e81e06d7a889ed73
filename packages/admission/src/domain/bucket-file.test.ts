/** Names of set files in buckets, and the run ids that follow from their versions. */
import { isRunId } from '@setlist/contracts';
import { describe, expect, it } from 'vitest';
import { isBucketSetFile, runOfFile } from './bucket-file.ts';
import { InboxHoldsStore, requireApart, watchedAt } from './inbox-places.ts';

const file = {
  uri: 's3://sets/in/act-1.yml',
  key: 'act-1.yml',
  version: 'abc@1763845812',
  modified: new Date('2026-11-22T20:50:12Z'),
};

describe('a set file in a bucket', () => {
  it.each([
    ['act-1.yml', true],
    ['deep/er/act-1.YAML', true],
    ['data.json', true],
    ['act-1.yml.problems.json', false],
    ['act-1.yml.problems.txt', false],
    ['act-1.yml.warnings.txt', false],
    ['deep/.hidden.yml', false],
    ['song.mp3', false],
    ['yml', false],
  ])('%s: %s', (key, expected) => {
    expect(isBucketSetFile(key)).toBe(expected);
  });

  it('has one run id for each version of each object, which begins with the time of its upload', () => {
    const run = runOfFile(file);
    expect(isRunId(run)).toBe(true);
    expect(run).toMatch(/^20261122t205012-/);
    expect(runOfFile({ ...file })).toBe(run);
    const others = [
      { ...file, version: 'abd@1763845812' },
      { ...file, uri: 's3://sets/in/act-2.yml' },
      { ...file, modified: new Date('2026-11-22T20:50:13Z') },
    ];
    expect(new Set([run, ...others.map(runOfFile)]).size).toBe(4);
  });
});

describe('INBOX', () => {
  it.each([
    ['s3://b/sets', 's3://b/sets'],
    ['s3://b/sets/act-1', 's3://b/sets'],
    ['s3://b/sets-of-ours', undefined],
    ['s3://b/act-1', undefined],
    ['/srv/out/inbox', '/srv/out/inbox'],
    ['/srv/out/inbox/act-1', undefined],
    ['/srv/out/act-1', undefined],
  ])('watches what goes to %s in %s', (location, inbox) => {
    const places = { folders: ['/srv/out/inbox'], buckets: ['s3://b/sets'] };
    expect(watchedAt(location, places)).toBe(inbox);
  });

  it.each([
    ['s3://a/in', 's3://a/in', true],
    ['s3://a', 's3://a/audio', true],
    ['s3://a/in', 's3://a/in/audio', true],
    ['s3://a/in', 's3://a/inbox', false],
    ['s3://a/in', 's3://a', false],
    ['s3://a/in', 'file:///out', false],
  ])('%s may not hold the store %s: %s', (inbox, store, refused) => {
    const check = (): void => requireApart([inbox], [store]);
    if (refused) expect(check).toThrow(InboxHoldsStore);
    else expect(check).not.toThrow();
  });

  it.each(['s3://work', 's3://work/audio'])(
    '%s and its inbox may share a bucket as the remedy says',
    (store) => {
      const { remedy } = new InboxHoldsStore('s3://work', store);
      expect(remedy).toContain('s3://work/sets;');
      expect(() => requireApart(['s3://work/sets'], [store])).not.toThrow();
    },
  );
});
