/** What making a set would cost: shown before anything is submitted. */
import type { Plan } from '../api/types.ts';
import { countOf, dollars, duration, grouped } from './figures.ts';

const SHOWN = 50;

export function PlanTable({ plan }: { plan: Plan }) {
  const { counts, billedCharacters, estimatedUsd, estimatedSeconds, items } = plan;
  return (
    <section class="panel" aria-label="Plan">
      <h2>
        {plan.set} → {plan.prefix}/
      </h2>
      <p>
        <strong>{dollars(estimatedUsd)}</strong> for {countOf(billedCharacters, 'character')}, in about{' '}
        {duration(estimatedSeconds)}: {grouped(counts.new)} new, {grouped(counts.changed)} changed,{' '}
        {grouped(counts.cached)} cached
        {counts.removed > 0 && `, ${grouped(counts.removed)} removed since the last run`}.
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col" class="number">
              #
            </th>
            <th scope="col">State</th>
            <th scope="col">Voice</th>
            <th scope="col">Engine</th>
            <th scope="col">File</th>
          </tr>
        </thead>
        <tbody>
          {items.slice(0, SHOWN).map(({ index, state, voice, engine, file }) => (
            <tr key={index}>
              <td class="number">{grouped(index)}</td>
              <td>
                <span class={`chip chip-${state === 'cached' ? 'u' : 'p'}`}>{state}</span>
              </td>
              <td>{voice}</td>
              <td>{engine}</td>
              <td class="file">{file}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {items.length > SHOWN && <p class="hint">and {countOf(items.length - SHOWN, 'more item')}</p>}
    </section>
  );
}
