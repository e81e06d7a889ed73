/**
 * Overhead: the cost of everything around the call, without a quota and with an engine that answers at once; in the
 * same run the peer, and the broker's own write rate.
 *
 * "No call" removes only the call. Setlist's dispatcher gets a provider that answers at once, in its own process
 * (`no-call.ts`); a rerun would not be equivalent, since it also saves the claim and the payment. The peer's worker
 * writes the same file without a call. An empty processor, which does nothing at all, is shown beside it.
 */
import { writeFile } from 'node:fs/promises';
import { System } from '@setlist/e2e';
import { startLocalEngine, temporaryFolder } from '@setlist/testkit';
import { type Benchmark, type Case, progress, type Row, type Settings } from '../benchmark.ts';
import { brokerWritesPerSecond } from '../broker-rate.ts';
import { type Crew, runFlow } from '../bullmq-flow.ts';
import { speaker, WARM_UP_ITEMS } from '../engine.ts';
import { endInOrder, nodeOptions } from '../node-options.ts';
import { cpuPerItem, usages } from '../processes.ts';
import { runSets } from '../set-run.ts';
import { setText } from '../set-texts.ts';
import { rounded } from '../statistics.ts';

const NO_CALL = new URL('../no-call.ts', import.meta.url).href;
const SIZES = [10_000, 100_000];
/** Both sides choose among the same crews: numbers of processes, and of concurrent items in each. */
const CREWS: readonly Crew[] = [1, 2].flatMap((processes) =>
  [16, 48, 100].map((concurrency) => ({ processes, concurrency })),
);
const ITEMS_TO_CHOOSE_BY = 3_000;

interface SetlistRun {
  readonly itemsPerSecond: number;
  readonly messagesPerItem: number;
  readonly cpu: Row;
}

interface SetlistOptions {
  readonly crew: Crew;
  readonly call: boolean;
  readonly profiles?: string | undefined;
}

async function runSetlist(items: number, { crew, call, profiles }: SetlistOptions): Promise<SetlistRun> {
  await using folder = await temporaryFolder();
  const leftOut = call ? { env: {}, options: '' } : await withoutCall(folder.path);
  const options = nodeOptions(profiles, `overhead-${items}-${call ? 'call' : 'no-call'}`);
  await using system = await System.start({
    dispatchers: crew.processes,
    engine: { ENGINE: 'instant' },
    services: {
      ...{ CALL_TIMEOUT: '30s', ACK_WAIT: '30s', CONCURRENCY: String(crew.concurrency) },
      ...{ AHEAD: String(Math.max(64, 2 * crew.concurrency)), NODE_OPTIONS: `${options} ${leftOut.options}` },
      ...leftOut.env,
    },
  });
  await runSets(system, [setText('warm-up', { items: WARM_UP_ITEMS })]);
  const before = usages();
  const { seconds, completed, messages } = await runSets(system, [setText('overhead', { items })]);
  const cpu = cpuPerItem(before, usages(), items);
  if (completed !== items) throw new Error(`${completed} of ${items} items were completed`);
  if (profiles) await endInOrder(system);
  return { itemsPerSecond: items / seconds, messagesPerItem: messages / items, cpu };
}

/** Makes the dispatcher load the provider that answers at once, with audio made by the real engine. */
async function withoutCall(folder: string): Promise<{ env: Record<string, string>; options: string }> {
  await using engine = await startLocalEngine({ ENGINE: 'instant' });
  const audio = `${folder}/audio.mp3`;
  await writeFile(audio, await speaker(engine.url)('Always the same.'));
  return { env: { NO_CALL_AUDIO: audio }, options: `--import ${NO_CALL}` };
}

async function measure(items: number, crews: Crews, { profiles }: Settings): Promise<Row> {
  const writesPerSecond = await brokerWritesPerSecond();
  const call = await runSetlist(items, { crew: crews.setlist, call: true, profiles });
  const noCall = await runSetlist(items, { crew: crews.setlist, call: false, profiles });
  const peerCall = await runFlow('call', items, crews.peer);
  const peerFile = await runFlow('file', items, crews.peer);
  const peerEmpty = await runFlow('empty', items, crews.peer);
  const allowed = writesPerSecond / call.messagesPerItem;
  return {
    items,
    setlistCrew: crewText(crews.setlist),
    peerCrew: crewText(crews.peer),
    redis: peerCall.redisVersion,
    'itemsPerSecond.setlist': Math.round(call.itemsPerSecond),
    'itemsPerSecond.bullmq': Math.round(peerCall.itemsPerSecond),
    timesPeer: rounded(call.itemsPerSecond / peerCall.itemsPerSecond),
    'noCall.setlist': Math.round(noCall.itemsPerSecond),
    'noCall.bullmq': Math.round(peerFile.itemsPerSecond),
    'noCall.timesPeer': rounded(noCall.itemsPerSecond / peerFile.itemsPerSecond),
    'empty.bullmq': Math.round(peerEmpty.itemsPerSecond),
    brokerWritesPerSecond: Math.round(writesPerSecond),
    writesPerItem: rounded(call.messagesPerItem),
    brokerAllowsItemsPerSecond: Math.round(allowed),
    shareOfBroker: rounded(call.itemsPerSecond / allowed),
    'noCall.shareOfBroker': rounded(noCall.itemsPerSecond / allowed),
    ...prefixed('setlist', call.cpu),
    ...prefixed('setlist.noCall', noCall.cpu),
    ...prefixed('bullmq', peerCall.cpu),
    ...prefixed('bullmq.noCall', peerFile.cpu),
  };
}

const crewText = ({ processes, concurrency }: Crew): string => `${processes} × ${concurrency}`;

const prefixed = (prefix: string, row: Row): Row =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [`${prefix}.${name}`, value]));

interface Crews {
  readonly setlist: Crew;
  readonly peer: Crew;
}

/** The crew that is fastest with calls, by a short run of each. */
async function best(side: string, rateOf: (crew: Crew) => Promise<number>): Promise<Crew> {
  let fastest = { crew: CREWS[0] as Crew, rate: 0 };
  for (const crew of CREWS) {
    const rate = await rateOf(crew);
    progress(`  ${side}, ${crewText(crew)}: ${Math.round(rate)} items a second`);
    if (rate > fastest.rate) fastest = { crew, rate };
  }
  return fastest.crew;
}

export const overhead: Benchmark = {
  says: 'items a second without a quota, beside a BullMQ flow on Redis and the broker’s own write rate',
  takes: '20 min; --items 10000: 5 min. Both sides first choose how many processes they run best with',
  middleOf: 'timesPeer',
  async cases(settings): Promise<readonly Case[]> {
    const { items: most = Number.POSITIVE_INFINITY } = settings;
    const sizes = most < (SIZES[0] ?? 0) ? [most] : SIZES.filter((size) => size <= most);
    const sample = Math.min(ITEMS_TO_CHOOSE_BY, most);
    const crews: Crews = {
      setlist: await best(
        'Setlist',
        async (crew) => (await runSetlist(sample, { crew, call: true })).itemsPerSecond,
      ),
      peer: await best('BullMQ', async (crew) => (await runFlow('call', sample, crew)).itemsPerSecond),
    };
    return sizes.map((items) => ({
      name: `${items.toLocaleString('en-US')} items`,
      measure: () => measure(items, crews, settings),
    }));
  },
};
