/** A gate that reports its admissions, its throttles and its limit as metrics. */
import type { Quota } from '@setlist/polly';
import { count, observe } from '@setlist/runtime';
import type { Gate, GateOf } from './gate.ts';

/** @param quota undefined if none applies */
export function measuredGate(gate: Gate, of: GateOf, quota: Quota | undefined): Gate {
  const { provider, engine: lane, operation } = of;
  const facts = { provider, lane, operation };
  if (quota) observe('allowed', () => [[quota.rps, facts]]);
  return {
    async admit(signal, backlog) {
      const admission = await gate.admit(signal, backlog);
      return {
        async moment() {
          const came = await admission.moment();
          if (came) count('admitted', 1, facts);
          return came;
        },
        [Symbol.dispose]: () => admission[Symbol.dispose](),
      };
    },
    spare: () => gate.spare(),
    throttled() {
      count('throttles', 1, facts);
      return gate.throttled();
    },
  };
}
