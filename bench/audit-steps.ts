/** Measures the steps of reading a log in a separate process: `node audit-steps.ts URL` prints each step's cost. */
import { Shadow } from '@setlist/audit';
import { EVENTS_STREAM, subjects } from '@setlist/contracts';
import { type EventLog, openEventLog } from '@setlist/eventlog';
import { rebuildProjections } from '@setlist/sets';
import { connect, type JsMsg } from 'nats';

/** The cost of one step, without connecting. */
export interface Taken {
  readonly seconds: number;
  /** CPU time, which other processes don't disturb as they do the clock's. */
  readonly cpuSeconds: number;
  /** The peak memory of the process so far. */
  readonly peakMb: number;
}

/**
 * From `bareOfSets` to `rebuilt`, each step does what the previous one does, and more. The bare reader is measured
 * before and after, since a shared machine's speed changes within a minute.
 */
const STEPS = {
  bare: (url) => bare(url, undefined, () => undefined),
  bareOfSets: (url) => bare(url, subjects.ofAllSets(), () => undefined),
  parsed: (url) => bare(url, subjects.ofAllSets(), (message) => message.json()),
  decoded: (url) =>
    withLog(url, async (log) => {
      for await (const { problem } of ofSets(log)) if (problem) throw new Error(problem.message);
    }),
  folded: (url) =>
    withLog(url, async (log) => {
      const shadow = new Shadow();
      for await (const record of ofSets(log)) shadow.apply(record);
    }),
  rebuilt: (url) => withLog(url, (log) => rebuildProjections(log)),
  bareAgain: (url) => bare(url, undefined, () => undefined),
} as const satisfies Record<string, (url: string) => Promise<Taken>>;
export type Steps = Readonly<Record<keyof typeof STEPS, Taken>>;

/** After this many events the reading and folding code is compiled, so later steps gain nothing from earlier ones. */
const WARM_UP_EVENTS = 20_000;

const ofSets = (log: EventLog) => log.read({ subjects: [subjects.ofAllSets()] });

/** The client library's own ordered consumer. */
async function bare(
  servers: string,
  filter: string | undefined,
  each: (message: JsMsg) => unknown,
): Promise<Taken> {
  const nc = await connect({ servers });
  try {
    return await timed(async () => {
      const options = filter === undefined ? {} : { filterSubjects: filter };
      const consumer = await nc.jetstream().consumers.get(EVENTS_STREAM, options);
      const messages = await consumer.consume({ max_messages: 1_000 });
      for await (const message of messages) {
        each(message);
        if (message.info.pending === 0) break;
      }
      await messages.close();
    });
  } finally {
    await nc.close();
  }
}

async function withLog(url: string, work: (log: EventLog) => Promise<unknown>): Promise<Taken> {
  await using log = await openEventLog({ servers: url, name: 'bench' });
  return await timed(() => work(log));
}

async function timed(work: () => Promise<unknown>): Promise<Taken> {
  const [began, before] = [performance.now(), process.cpuUsage()];
  await work();
  const seconds = (performance.now() - began) / 1_000;
  const { user, system } = process.cpuUsage(before);
  return {
    seconds,
    cpuSeconds: (user + system) / 1e6,
    peakMb: Math.round(process.resourceUsage().maxRSS / 1_024),
  };
}

async function warmUp(url: string): Promise<void> {
  await using log = await openEventLog({ servers: url, name: 'bench' });
  const shadow = new Shadow();
  let left = WARM_UP_EVENTS;
  for await (const record of ofSets(log)) {
    shadow.apply(record);
    if (--left === 0) return;
  }
}

const [url = ''] = process.argv.slice(2);
await warmUp(url);
for (const [step, take] of Object.entries(STEPS)) {
  process.stdout.write(`${JSON.stringify({ step, ...(await take(url)) })}\n`);
}
