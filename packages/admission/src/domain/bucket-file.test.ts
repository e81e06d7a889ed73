/** Names of set files in buckets, and the run ids that follow from their versions. */
import { isRunId } from '@setlist/contracts';
import { describe, expect, it } from 'vitest';
import { isBucketSetFile, runOfFile } from './bucket-file.ts';

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
