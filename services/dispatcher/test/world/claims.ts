/** Makes claims and payments as a dispatcher does, for tests of the ledger. */
import { randomBytes } from 'node:crypto';
import type { EventData } from '@setlist/contracts';
import { type EventLog, openEventLog } from '@setlist/eventlog';
import { type ClaimRight, decideSound, type PaidSound, type Wanted } from '@setlist/sounds';
import { startNats } from '@setlist/testkit';
import type { HeldClaim } from '../../src/ledger/held-claim.ts';
import { SoundLedger } from '../../src/ledger/sound-ledger.ts';

export const newHash = (): string => randomBytes(32).toString('hex');
export const item = (index: number) => ({ set: 'a-set', index, attempt: 1 });

export const payment = (
  claim: Pick<HeldClaim, 'hash' | 'ordinal' | 'for'>,
  by: string,
  changes: Partial<PaidSound> = {},
): EventData<'SoundPaid'> => ({
  hash: claim.hash,
  claim: claim.ordinal,
  by,
  for: claim.for,
  how: 'synthesized',
  lane: 'standard',
  billedCharacters: 5,
  object: `audio/${claim.hash}.mp3`,
  contentType: 'audio/mpeg',
  bytes: 10,
  sha256: '0'.repeat(64),
  durationMs: 100,
  ...changes,
});

/** Functions to make claims on a log that may be opened later. */
export function claimsOn(log: () => Pick<EventLog, 'clock'>) {
  async function rightTo(ledger: SoundLedger, hash: string, wanted: Wanted = {}): Promise<ClaimRight> {
    const decision = decideSound(await ledger.readAnew(hash), log().clock.now(), wanted);
    if (decision.kind !== 'claim') throw new Error(`nothing to claim: ${decision.kind}`);
    return decision.right;
  }

  async function claimed(
    ledger: SoundLedger,
    hash: string,
    { index = 0, holdMs = 60_000, ...wanted }: { index?: number; holdMs?: number } & Wanted = {},
  ): Promise<HeldClaim> {
    const terms = { for: item(index), operation: 'synthesize', lane: 'standard', holdMs } as const;
    const claim = await ledger.claim(hash, await rightTo(ledger, hash, wanted), terms);
    if (!claim) throw new Error('somebody else was quicker');
    return claim;
  }

  return { rightTo, claimed };
}

export interface TwoLedgers extends AsyncDisposable {
  readonly log: EventLog;
  readonly one: SoundLedger;
  readonly two: SoundLedger;
}

/** The ledgers of two dispatchers on one log. */
export async function twoLedgers(): Promise<TwoLedgers> {
  await using stack = new AsyncDisposableStack();
  const nats = stack.use(await startNats());
  const log = stack.use(await openEventLog({ servers: nats.url, name: 'test' }));
  const draining = new AbortController();
  stack.defer(() => draining.abort());
  const open = stack.move();
  return {
    log,
    one: new SoundLedger(log, 'dispatcher-one', draining.signal),
    two: new SoundLedger(log, 'dispatcher-two', draining.signal),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}
