/** Holds something for one replica while it works on it, on the broker's clock; lost by whoever dies, half a minute later. */
import type { BrokerClock, Documents } from '@setlist/eventlog';

const LEASE_MS = 30_000;

interface Holding {
  readonly by: string;
  /** On the broker's clock, in ms since 1970. */
  readonly untilMs: number;
}

export interface LeaseOptions {
  readonly documents: Documents;
  readonly clock: Pick<BrokerClock, 'now'>;
  /** Tells this replica from all others. */
  readonly by: string;
  readonly onLost: (error: unknown) => void;
}

/**
 * The lease, to be disposed of when the work is done; nothing where another replica has it. It spares work and is no
 * lock: whoever was frozen for longer than it lasts goes on, so what is done under it must bear being done twice.
 */
export async function holdLease(key: string, options: LeaseOptions): Promise<AsyncDisposable | undefined> {
  const { documents, clock, by, onLost } = options;
  const holding = (): Holding => ({ by, untilMs: clock.now() + LEASE_MS });
  const there = await documents.get<Holding>(key);
  if (there && there.value.by !== by && there.value.untilMs > clock.now()) return undefined;
  let revision = await documents.replace(key, holding(), there?.revision ?? 0);
  if (revision === undefined) return undefined;
  const renew = async (): Promise<void> => {
    if (revision !== undefined) revision = await documents.replace(key, holding(), revision);
  };
  let renewing: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    renewing = renewing.then(renew).catch(onLost);
  }, LEASE_MS / 3);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await renewing;
      if (revision !== undefined) await documents.delete(key).catch(onLost);
    },
  };
}
