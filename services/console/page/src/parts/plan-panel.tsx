/** What a run of the set would make and cost, shown before anything is submitted. */
import type { Plan, PlanState } from '../api/types.ts';
import { countOf, dollars, duration, grouped, sentences } from './figures.ts';

const STATES: readonly PlanState[] = ['new', 'changed', 'gone', 'anew', 'cached'];
/** Shown only if there are any. */
const RARE: ReadonlySet<PlanState> = new Set(['gone', 'anew']);
const CLASSES: Readonly<Record<PlanState, string>> = {
  new: 'legend-new',
  changed: 'legend-changed',
  gone: 'legend-changed',
  anew: 'legend-changed',
  cached: 'legend-reused',
};

const isFree = ({ provider }: Plan): boolean => provider === 'local';

export const priceOf = (plan: Plan): string => (isFree(plan) ? 'Free' : dollars(plan.estimatedUsd));

export function PlanPanel({ plan }: { plan: Plan }) {
  const { itemCount, states, billedCharacters, estimatedSeconds, byPollyUsd } = plan;
  return (
    <section class="panel" aria-label="Plan">
      <h2>Plan</h2>
      <p class="plan-price">{priceOf(plan)}</p>
      <p class="hint">
        {countOf(billedCharacters, 'character')} to speak
        {estimatedSeconds >= 1 && `, done in about ${duration(estimatedSeconds)}`}
        {isFree(plan) && byPollyUsd !== undefined && `; Polly would charge ${dollars(byPollyUsd)}`}
      </p>
      <div class="bar plan-bar" aria-hidden="true">
        {STATES.map((state) => (
          <span
            key={state}
            class={CLASSES[state]}
            style={{ width: `${(100 * states[state]) / itemCount}%` }}
          />
        ))}
      </div>
      <div class="legend">
        {STATES.filter((state) => !RARE.has(state) || states[state] > 0).map((state) => (
          <span key={state} class={CLASSES[state]}>
            {grouped(states[state])} {state === 'gone' ? 'gone from the store' : state}
          </span>
        ))}
      </div>
      <Reservations plan={plan} />
      <p class="small hint plan-where">
        Files go to <code>{plan.prefix}/</code>
      </p>
      {plan.problem && <p class="verdict-fails">This set would be refused. {sentences(plan.problem)}</p>}
      <PlanItems plan={plan} />
    </section>
  );
}

/** What could not be checked, and which files stay as they are. */
function Reservations({ plan }: { plan: Plan }) {
  return (
    <>
      {plan.lexiconsUnknown && (
        <p class="hint small">
          Items that name lexicons count as new: no dispatcher answers to look them up.
        </p>
      )}
      {plan.audioUnknown && (
        <p class="hint small">Paid sounds count as stored: without STORE, the console can’t check.</p>
      )}
      {plan.removed + plan.renamed > 0 && (
        <p class="hint small">
          {countOf(plan.removed + plan.renamed, 'file')} of the last run would stay, but no longer be written.
        </p>
      )}
    </>
  );
}

function PlanItems({ plan: { items, itemCount } }: { plan: Plan }) {
  if (items.length === 0) return null;
  return (
    <details>
      <summary>
        {items.length === itemCount
          ? countOf(itemCount, 'item')
          : `${grouped(items.length)} of ${countOf(itemCount, 'item')}`}
      </summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="plan-items" tabIndex={0} aria-label="Items of the plan">
        <table>
          <thead>
            <tr>
              <th scope="col">File</th>
              <th scope="col">Voice</th>
              <th scope="col">State</th>
            </tr>
          </thead>
          <tbody>
            {items.map(({ index, file, voice, state }) => (
              <tr key={index}>
                <td class="break">{file}</td>
                <td>{voice}</td>
                <td>
                  <span class={`chip chip-${state}`}>{state}</span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}
