/** How projections handle a bucket that other trackers write, and whose nodes are not equally up to date. */
import { itemsPageKey, setKey } from '@setlist/contracts';
import type { Documents } from '@setlist/eventlog';
import { expect, test } from 'vitest';
import { Projections } from './projections.ts';
import { ProjectionsLost } from './projections-lost.ts';

const SET = 'tour-20260105t090000-k3f9q2';

/** A bucket that gives the values of each key, one for each read; the last one stays. */
function bucketOf(values: Record<string, number[]>): Documents['get'] {
  return async (key: string) => {
    const [lastSeq, ...later] = values[key] ?? [];
    if (later.length > 0) values[key] = later;
    const stored = { key, value: { lastSeq }, revision: lastSeq, storedAt: new Date(0) };
    return (lastSeq === undefined ? undefined : stored) as never;
  };
}

const projectionsOf = (atLeader: Record<string, number[]>, direct = atLeader): Projections => {
  const bucket = { get: bucketOf(direct), getAtLeader: bucketOf(atLeader) };
  return new Projections(bucket as unknown as Documents, 10);
};

test('the newest documents are folded on, not those of a node that lags behind', async () => {
  const found = await projectionsOf(
    { [setKey(SET)]: [9], [itemsPageKey(SET, 0)]: [9] },
    { [setKey(SET)]: [5], [itemsPageKey(SET, 0)]: [5] },
  ).load(SET, 0);
  expect(found).toMatchObject({ summary: { lastSeq: 9 }, page: { lastSeq: 9 } });
});

test('a page that another tracker wrote meanwhile comes with its newer summary', async () => {
  const found = await projectionsOf({ [setKey(SET)]: [5, 9], [itemsPageKey(SET, 0)]: [9] }).load(SET, 0);
  expect(found).toMatchObject({ summary: { lastSeq: 9 }, page: { lastSeq: 9 } });
});

test('a summary that is behind its page counts as deleted', async () => {
  const projections = projectionsOf({ [setKey(SET)]: [5], [itemsPageKey(SET, 0)]: [9] });
  await expect(projections.load(SET, 0)).rejects.toThrow(ProjectionsLost);
});
