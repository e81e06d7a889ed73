import { hash } from 'node:crypto';
import { EVENTS, versionedType } from '@setlist/contracts';
import { eventsOf, recorded } from '@setlist/testkit';
import { expect, test } from 'vitest';
import { projectSet } from '../../test/project-set.ts';
import { FOLD_VERSION } from './fold-version.ts';

const set = eventsOf('20260105t090000-k3f9q2', 4);
const steered = [set.paused(), set.resumed(), set.prioritized()];
const history = [
  ...[set.accepted(), ...[0, 1, 2, 3].map((index) => set.requested(index)), ...steered],
  ...[set.completed(0), set.completed(1, 'reused'), set.completed(2, 'recovered'), set.failedPaid(3)],
  ...[set.setCompleted(), set.notified(), set.retried(2, 1), set.requested(3, 2), set.stalled(16)],
  ...[set.completedLater(3, 2, 100), set.unstalled(16), set.setCompleted(2), set.cancelled()],
];
const rejected = [set.rejected('Broken')];

// Where the fold has changed, its version has to as well; where only this history has, the digest alone.
test('the documents of a history are those of this version of the fold', () => {
  const documents = [history, rejected].map((events) => {
    const { summary, pages } = projectSet(recorded(events));
    return [summary, ...pages.values()];
  });
  const digest = hash('sha256', JSON.stringify(documents)).slice(0, 16);
  expect({ version: FOLD_VERSION, digest }).toEqual({ version: 1, digest: 'cd9ea01be6fea977' });
});

// Where projections were made by what could not read one of these, the fold's version alone has them made anew. Where it
// has no part in the fold, the digest alone changes.
test('the events of sets that can be read are those of this version of the fold', () => {
  const types = Object.values(EVENTS).map(versionedType);
  const ofSets = types.filter((type) => !type.startsWith('setlist.sound.')).sort();
  const digest = hash('sha256', ofSets.join()).slice(0, 16);
  expect({ version: FOLD_VERSION, digest }).toEqual({ version: 1, digest: '246681149f1318b6' });
});
