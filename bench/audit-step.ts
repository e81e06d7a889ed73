/** One step of reading a log, in a process of its own: `node audit-step.ts STEP URL` prints what it took. */
import { Shadow } from '@setlist/audit';
import { EVENTS_STREAM, subjects } from '@setlist/contracts';
import { type EventLog, openEventLog } from '@setlist/eventlog';
import { rebuildProjections } from '@setlist/tracker';
import { connect, type JsMsg } from 'nats';

/** Neither counts the start of the process, nor does it count connecting. */
export interface Taken {
  readonly seconds: number;
  /** On the CPU: robust where other processes take the clock's time. */
  readonly cpuSeconds: number;
  /** The most memory that the process ever had. */
  readonly peakMb: number;
}

/** From `bareOfSets` on, each does what the one before it does, and something more. */
export const STEPS = {
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
} as const satisfies Record<string, (url: string) => Promise<Taken>>;
export type Step = keyof typeof STEPS;

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

if (import.meta.main) {
  const [step = '', url = ''] = process.argv.slice(2);
  process.stdout.write(`${JSON.stringify(await STEPS[step as Step](url))}\n`);
}
