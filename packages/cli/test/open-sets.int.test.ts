/** Which sets a start finds unfinished: what the log says, however far the tracker has come. */
import { openEventLog } from '@setlist/eventlog';
import { createLogger, loadConfig } from '@setlist/runtime';
import { eventsOf, startNats } from '@setlist/testkit';
import { createTracker, trackerConfig } from '@setlist/tracker';
import { expect, test } from 'vitest';
import { openSets } from '../src/follow/read-sets.ts';

test('finds an open set that no projection has yet, once the tracker has folded it, and no others', async () => {
  await using nats = await startNats();
  await using log = await openEventLog({ servers: nats.url, name: 'test' });
  const open = eventsOf('20260105t090000-k3f9q2');
  const ended = eventsOf('20260105t090001-k3f9q2');
  const neverBegun = eventsOf('20260105t090002-k3f9q2');
  await log.appendAll([open.accepted(), ended.accepted(), ended.cancelled(), neverBegun.paused()]);
  const finding = openSets(log);

  const settings = loadConfig(trackerConfig, { NATS_URL: nats.url, MANIFESTS: 'false' });
  const logger = createLogger({ service: 'tracker', level: 'silent' });
  const stop = new AbortController();
  const tracking = createTracker(settings, { log, logger }).run(stop.signal);
  await using _ended = {
    [Symbol.asyncDispose]: () => {
      stop.abort();
      return tracking;
    },
  };
  expect((await finding).map(({ setId }) => setId)).toEqual([open.id]);
});
