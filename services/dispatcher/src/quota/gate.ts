/** Admission to one operation of one engine: a place among the calls in flight, and a slot of the shared rate. */
import { type Provider, quotaKey } from '@setlist/contracts';
import type { EventLog, Permit, Permits } from '@setlist/eventlog';
import type { Engine, Operation, Quota } from '@setlist/polly';
import { Slots } from '@setlist/runtime';
import { SharedRate } from './shared-rate.ts';

/** A place among the calls in flight. Dispose it once the call's result is in the log, or the call brought nothing. */
export interface Admission extends Disposable {
  /** Waits for the moment at which the call can be made; false if the admission's signal aborts first. */
  moment(): Promise<boolean>;
}

export interface Gate {
  /**
   * Waits for a place. @throws the signal's reason when aborted
   * @param backlog how many more calls wait here: no slots are reserved beyond them
   */
  admit(signal: AbortSignal, backlog: () => number): Promise<Admission>;
  /** How many more calls can get ready alongside the one that waits for its moment: several while the burst lasts. */
  spare(): number;
  /** To be called when a call was throttled: all replicas slow down. */
  throttled(): Promise<void>;
}

/** How many calls of a burst get ready at once. */
const SIDE_BY_SIDE = 12;

export interface GateOf {
  readonly provider: Provider;
  readonly engine: Engine;
  readonly operation: Operation;
}

/** A gate that keeps the account's quota together with all other replicas. */
export async function sharedGate(log: EventLog, of: GateOf, quota: Quota): Promise<Gate> {
  const { provider, engine, operation } = of;
  const deps = { documents: log.coordination, clock: log.clock, key: quotaKey(provider, engine, operation) };
  const rate = new SharedRate(deps, quota);
  const permits =
    quota.concurrency === undefined ? undefined : await log.permits({ ...of, limit: quota.concurrency });
  return {
    async admit(signal, backlog) {
      const permit = await takePermit(permits, signal);
      return {
        moment: () => rate.acquire(signal, 1 + backlog()),
        [Symbol.dispose]: () => permit?.[Symbol.dispose](),
      };
    },
    spare: () => Math.min(rate.spare(), SIDE_BY_SIDE - 1),
    throttled: () => rate.slowDown(),
  };
}

async function takePermit(permits: Permits | undefined, signal: AbortSignal): Promise<Permit | undefined> {
  if (!permits) return undefined;
  const permit = await permits.take(signal);
  if (!permit) throw signal.reason;
  return permit;
}

/** A gate for a provider without a quota: it only bounds this replica's calls in flight. */
export function localGate(concurrency: number): Gate {
  const slots = new Slots(concurrency);
  return {
    async admit(signal) {
      const slot = await slots.take(signal);
      return { moment: () => Promise.resolve(true), [Symbol.dispose]: () => slot[Symbol.dispose]() };
    },
    spare: () => concurrency,
    throttled: () => Promise.resolve(),
  };
}
