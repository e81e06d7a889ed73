/** Every set: how it stands, how fast it goes, what it has cost; live. */
import { signal, useSignalEffect } from '@preact/signals';
import type { SetSummary } from '../api/types.ts';
import { Bar } from '../parts/bar.tsx';
import { countOf, dateAndTime, dollars, duration, grouped } from '../parts/figures.ts';
import { StateChip } from '../parts/state-chip.tsx';
import { onLink } from '../router.ts';
import { doneOf, rateOf, secondsLeft } from '../state/pace.ts';
import { isLoaded, sets } from '../state/sets.ts';

const STATES = ['', 'running', 'paused', 'completed', 'cancelled', 'rejected'] as const;
const wanted = signal<(typeof STATES)[number]>('');
const text = signal('');
/** More rows than anybody reads make the page slow: the filter finds the others. */
const SHOWN = 200;

export function SetsView() {
  useSignalEffect(() => {
    const running = sets.value.filter(({ state }) => state === 'running').length;
    document.title = running > 0 ? `${running} running · Setlist` : 'Setlist';
  });
  const matching = sets.value
    .filter(({ state }) => wanted.value === '' || state === wanted.value)
    .filter(({ set, setId }) => `${set.name} ${setId}`.toLowerCase().includes(text.value.toLowerCase()));
  return (
    <>
      <div class="head">
        <h1>Sets</h1>
        <label>
          <span class="label">State</span>
          <select
            value={wanted.value}
            onChange={(event) => (wanted.value = event.currentTarget.value as never)}
          >
            {STATES.map((state) => (
              <option key={state} value={state}>
                {state || 'all'}
              </option>
            ))}
          </select>
        </label>
        <label>
          <span class="label">Name</span>
          <input
            type="search"
            value={text.value}
            onInput={(event) => (text.value = event.currentTarget.value)}
          />
        </label>
      </div>
      {matching.length === 0 ? <Nothing /> : <Rows sets={matching.slice(0, SHOWN)} />}
      {matching.length > SHOWN && (
        <p class="hint">
          The newest {SHOWN} of {grouped(matching.length)}: filter for others.
        </p>
      )}
    </>
  );
}

function Nothing() {
  if (!isLoaded.value) return <p class="hint">Loading…</p>;
  return (
    <p class="hint">
      {sets.value.length === 0
        ? 'There are no sets yet: drop a set file into the inbox, or give it to "setlist submit".'
        : 'No set matches.'}
    </p>
  );
}

function Rows({ sets: shown }: { sets: readonly SetSummary[] }) {
  return (
    <ul class="sets">
      {shown.map((set) => (
        <li key={set.setId}>
          <a class="set" href={`/sets/${set.setId}`} onClick={onLink}>
            <span class="set-name">
              <strong>{set.set.name}</strong>
              <StateChip set={set} />
              {set.priority !== 'normal' && <span class="chip">{set.priority} priority</span>}
            </span>
            <Bar counts={set.counts} />
            <span class="set-facts">{factsOf(set).join(' · ')}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}

/** What a glance wants to know, in the order of its worth. */
function factsOf(set: SetSummary): string[] {
  const { counts, state, provider, costUsd, savedUsd, estimatedUsd } = set;
  if (state === 'rejected') return [dateAndTime(set.acceptedAt), 'refused before anything was spent'];
  const rate = rateOf(set);
  const left = secondsLeft(set);
  return [
    `${grouped(doneOf(set))} of ${countOf(counts.total, 'item')}`,
    ...(counts.failed > 0 ? [`${grouped(counts.failed)} failed`] : []),
    ...(state === 'running' && rate !== undefined ? [`${rate.toFixed(rate < 10 ? 1 : 0)} a second`] : []),
    ...(left === undefined ? [] : [`${duration(left)} left`]),
    provider === 'local' ? 'free' : `${dollars(costUsd)} of at most ${dollars(estimatedUsd)}`,
    ...(Number(savedUsd) > 0 ? [`${dollars(savedUsd)} saved`] : []),
    dateAndTime(set.acceptedAt),
  ];
}
