/** A set's life as far as the log has it, which a lagging replica of the broker may not have to its end. */
import { subjects } from '@setlist/contracts';
import { sleepAtMost } from '@setlist/runtime';
import { evolveOpenSet, type OpenSet } from '@setlist/sets';
import type { SettleDeps } from '../settle/deps.ts';

type HistoryDeps = Pick<SettleDeps, 'log' | 'logger' | 'draining'>;

interface History {
  /** Missing if the set's acceptance has not been read. */
  readonly set?: OpenSet;
  /** Sequence of the last event; 0 if there is none. */
  readonly seq: number;
}

/** How long a broker replica may lag behind what is known to be in the log, and how often to ask it again, in ms. */
const BEHIND_MS = 30_000;
const ASK_AGAIN_MS = 100;

/** The life up to at least `seq`, which a broker replica may not have yet; empty if none has it in time. */
export async function historyUpTo(
  { log, logger, draining }: HistoryDeps,
  setId: string,
  seq: number,
): Promise<History> {
  for (const deadline = performance.now() + BEHIND_MS; !draining.aborted; ) {
    const history = await historyOf({ log }, setId);
    if (history.seq >= seq) return history;
    if (performance.now() > deadline) {
      const remedy =
        'Check the nodes of the cluster. The set is picked up with its next event, or at the next start.';
      logger.warn({ set: setId, seq, readTo: history.seq, remedy }, 'a replica of the log lags behind');
      break;
    }
    await sleepAtMost(ASK_AGAIN_MS, draining);
  }
  return { seq: 0 };
}

export async function historyOf({ log }: Pick<HistoryDeps, 'log'>, setId: string): Promise<History> {
  let set: OpenSet | undefined;
  let seq = 0;
  for await (const record of log.read({ subjects: [subjects.state(setId)] })) {
    set = evolveOpenSet(set, record);
    seq = record.seq;
  }
  return { ...(set && { set }), seq };
}
