/** What an item's sound needs: nothing more, because it was reused or given up, or a payment. */
import { type ClaimRight, decideSound, rightToRepay } from '../domain/sound-life.ts';
import type { Desk, Item } from './desk.ts';
import { complete, fail, isSettled } from './outcome.ts';

export type Resolved =
  | { readonly kind: 'settled' }
  | { readonly kind: 'payable'; readonly right: ClaimRight };

/** Reuses, waits for whoever is paying (holding no place), or finds that it is on us to pay. */
export async function resolve(desk: Desk, item: Item): Promise<Resolved> {
  if (await isSettled(desk, item)) {
    await item.work.done();
    return { kind: 'settled' };
  }
  const { hash } = item.request;
  for (;;) {
    desk.draining.throwIfAborted();
    const state = await desk.ledger.read(hash);
    const decision = decideSound(state, desk.log.clock.now());
    switch (decision.kind) {
      case 'claim':
        return { kind: 'payable', right: decision.right };
      case 'wait':
        await desk.ledger.changed(hash, decision.until, desk.draining);
        break;
      case 'give-up':
        await fail(desk, item, decision.reason);
        return { kind: 'settled' };
      case 'reuse':
        if (await complete(desk, item, decision.paid)) return { kind: 'settled' };
        return { kind: 'payable', right: rightToRepay(await missing(desk, hash), 'missing') };
      default:
        decision satisfies never;
    }
  }
}

/** The paid sound whose audio is gone, as the log has it now. */
async function missing(desk: Desk, hash: string) {
  const state = await desk.ledger.readAnew(hash);
  if (state.kind !== 'paid') throw new Error(`the sound ${hash} was paid and is ${state.kind} now`);
  return state;
}
