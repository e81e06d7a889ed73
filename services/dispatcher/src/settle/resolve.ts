/** What an item's sound needs: nothing more, because it was reused or given up, or a payment. */
import { type ClaimRight, decideSound, rightToRepay } from '../domain/sound-life.ts';
import type { Desk, Item } from './desk.ts';
import { complete, fail, isSettled } from './outcome.ts';

export type Resolved =
  | { readonly kind: 'settled' }
  | { readonly kind: 'payable'; readonly right: ClaimRight };

export interface ResolveOptions {
  /** Ends the waiting for another's payment. */
  readonly signal: AbortSignal;
  /** Called when the item begins to wait for another's payment, and when it no longer does. */
  readonly onWaiting: (waits: boolean) => void;
}

/** Reuses, waits for whoever is paying (holding no place), or finds that it is on us to pay. */
export async function resolve(desk: Desk, item: Item, options: ResolveOptions): Promise<Resolved> {
  const { signal, onWaiting } = options;
  const { hash } = item.request;
  // On redelivery the outcome comes first: a copy is spared, and a failure is not tried again.
  if (item.work.deliveries > 1 && (await isSettled(desk, item))) return done(item);
  for (;;) {
    signal.throwIfAborted();
    const state = await desk.ledger.read(hash);
    const decision = decideSound(state, desk.log.clock.now());
    switch (decision.kind) {
      case 'claim':
        // A lane that was made anew hands out finished work as if for the first time.
        if (item.work.deliveries === 1 && (await isSettled(desk, item))) return done(item);
        return { kind: 'payable', right: decision.right };
      case 'wait':
        onWaiting(true);
        await desk.ledger.changed(hash, decision, signal).finally(() => onWaiting(false));
        break;
      case 'give-up':
        await fail(desk, item, decision.reason);
        if (state.kind === 'claimed') await desk.ledger.givenUp(hash, state, decision.reason, item.is);
        return { kind: 'settled' };
      case 'reuse': {
        if (await complete(desk, item, decision.paid)) return { kind: 'settled' };
        // Where the log has moved on since, the next look says what follows.
        const now = await desk.ledger.readAnew(hash);
        if (now.kind === 'paid' && now.seq === state.seq)
          return { kind: 'payable', right: rightToRepay(now, 'missing') };
        break;
      }
      default:
        decision satisfies never;
    }
  }
}

async function done(item: Item): Promise<Resolved> {
  await item.work.done();
  return { kind: 'settled' };
}
