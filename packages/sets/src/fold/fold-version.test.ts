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

// When the fold changes, raise its version and update the digest; when only this history changes, update the digest.
test('a history gives the documents of this version of the fold', () => {
  const documents = [history, rejected].map((events) => {
    const { summary, pages } = projectSet(recorded(events));
    return [summary, ...pages.values()];
  });
  const digest = hash('sha256', JSON.stringify(documents)).slice(0, 16);
  expect({ version: FOLD_VERSION, digest }).toEqual({ version: 1, digest: '61ceb5bd77de7866' });
});

// Raise the fold's version when another event becomes readable: only that rebuilds projections made without it. When
// the fold ignores the event, update the digest only.
test('the readable events of sets are those of this version of the fold', () => {
  const types = Object.values(EVENTS).map(versionedType);
  const ofSets = types.filter((type) => !type.startsWith('setlist.sound.')).sort();
  const digest = hash('sha256', ofSets.join()).slice(0, 16);
  expect({ version: FOLD_VERSION, digest }).toEqual({ version: 1, digest: '246681149f1318b6' });
});
