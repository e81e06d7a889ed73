/** The broker's own write rate: the log's stream, our events' sizes and subjects, 256 publishes in flight. */
import { encodeEvent, subjectOf, subjects } from '@setlist/contracts';
import { openEventLog } from '@setlist/eventlog';
import { startNats } from '@setlist/testkit';
import { connect } from 'nats';
import { freshSetId, itemEvents } from './item-events.ts';

const WINDOW = 256;
const ITEMS = 15_000;

/**
 * The messages a second that a separate broker accepts, for the four events of an item's life: requested, claimed,
 * paid, completed. They are encoded beforehand, so that only the broker and a sending client are measured.
 */
export async function brokerWritesPerSecond(): Promise<number> {
  await using nats = await startNats();
  // Creates the log's stream as every service does.
  await using _log = await openEventLog({ servers: nats.url, name: 'bench' });
  const set = freshSetId('broker-rate');
  const { requested, claimed, paid, completed } = itemEvents(set, 0);
  const bodies = [requested, claimed, paid, completed].map((event) => encodeEvent(event));
  const asked = subjectOf(requested);
  const connection = await connect({ servers: nats.url });
  try {
    const js = connection.jetstream({ timeout: 30_000 });
    const underWay: Promise<unknown>[] = [];
    const began = performance.now();
    for (let index = 0; index < ITEMS; index++) {
      const sound = subjects.sound(index.toString(16).padStart(64, '0'));
      const subjectsOfItem = [asked, sound, sound, subjects.outcome(set, 'standard', index, 1)];
      for (const [place, subject] of subjectsOfItem.entries()) {
        if (underWay.length >= WINDOW) await underWay.shift();
        underWay.push(js.publish(subject, bodies[place]));
      }
    }
    await Promise.all(underWay);
    return (4 * ITEMS) / ((performance.now() - began) / 1_000);
  } finally {
    await connection.close();
  }
}
