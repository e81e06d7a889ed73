/** How projections handle a bucket whose nodes are not equally up to date. */
import { itemsPageKey, setKey } from '@setlist/contracts';
import type { Documents } from '@setlist/eventlog';
import { expect, test } from 'vitest';
import { Projections } from './projections.ts';

const SET = 'tour-20260105t090000-k3f9q2';

/** A bucket with the values of each key, one for each read; the last one stays. */
function bucketOf(values: Record<string, number[]>): Documents {
  const get = async (key: string) => {
    const [lastSeq, ...later] = values[key] ?? [];
    if (later.length > 0) values[key] = later;
    return lastSeq === undefined ? undefined : { key, value: { lastSeq }, revision: lastSeq };
  };
  return { get } as unknown as Documents;
}

test('a summary that a node does not have yet is read again before it counts as deleted', async () => {
  const bucket = bucketOf({ [setKey(SET)]: [5, 5, 5, 9], [itemsPageKey(SET, 0)]: [9] });
  const found = await new Projections(bucket, 10).load(SET, 0);
  expect(found).toMatchObject({ summary: { lastSeq: 9 }, page: { lastSeq: 9 } });
});
