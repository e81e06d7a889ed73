/** Every set, live: its state, rate and cost. */
import { signal, useSignalEffect } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { SetSummary } from '../api/types.ts';
import { Bar } from '../parts/bar.tsx';
import { Choices } from '../parts/choices.tsx';
import { ago, countOf, dateAndTime, dollars, duration, grouped, perSecond } from '../parts/figures.ts';
import { FileButton } from '../parts/file-drop.tsx';
import { StateChip } from '../parts/state-chip.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { onLink } from '../router.ts';
import { now } from '../state/now.ts';
import { doneOf, rateOf, secondsLeft } from '../state/pace.ts';
import { fault, isLoaded, sets } from '../state/sets.ts';

const STATES = ['running', 'paused', 'completed', 'cancelled', 'rejected'] as const;
const wanted = signal<'all' | (typeof STATES)[number]>('all');
const text = signal('');
/** Most rows to show: more would make the page slow, and the filter finds the others. */
const SHOWN = 200;

export function SetsView() {
  useSignalEffect(() => {
    const running = sets.value.filter(({ state }) => state === 'running').length;
    document.title = running > 0 ? `${running} running · Setlist` : 'Setlist';
  });
  return (
    <>
      <div class="head">
        <div class="head-title">
          <h1>Sets</h1>
        </div>
        {sets.value.length > 0 && (
          <>
            <FileButton says="Open a set file…" />
            <a class="button main" href="/new" onClick={onLink}>
              New set
            </a>
          </>
        )}
      </div>
      {!isLoaded.value && <Waiting fault={fault.value} />}
      {sets.value.length > 0 ? <Found /> : isLoaded.value && <Nothing />}
    </>
  );
}

function Found() {
  const words = text.value.toLowerCase();
  const named = sets.value.filter(({ set, setId }) => `${set.name} ${setId}`.toLowerCase().includes(words));
  const matching = named.filter(({ state }) => wanted.value === 'all' || state === wanted.value);
  // Read out when the filter changes and when all sets have come, not with every new set.
  const said = useMemo(() => countOf(matching.length, 'set'), [words, wanted.value, isLoaded.value]);
  const options = STATES.map((state) => ({
    value: state,
    name: state.charAt(0).toUpperCase() + state.slice(1),
    count: named.filter((set) => set.state === state).length,
  }));
  return (
    <>
      <div class="tools">
        <Choices
          label="Which sets"
          chosen={wanted.value}
          choose={(value) => (wanted.value = value)}
          options={[
            { value: 'all', name: 'All', count: named.length },
            ...options.filter(({ value, count }) => count > 0 || value === wanted.value),
          ]}
        />
        <span class="space" />
        <input
          type="search"
          placeholder="Search names"
          aria-label="Search names"
          value={text.value}
          onInput={({ currentTarget: { value } }) => (text.value = value)}
        />
        <span class="hidden" role="status">
          {said}
        </span>
      </div>
      {matching.length === 0 ? (
        <p class="hint">No sets match.</p>
      ) : (
        <SetRows sets={matching.slice(0, SHOWN)} />
      )}
      {matching.length > SHOWN && (
        <p class="hint">
          The newest {SHOWN} of {grouped(matching.length)}: search for others.
        </p>
      )}
    </>
  );
}

function Nothing() {
  return (
    <div class="empty">
      <h2>No sets yet</h2>
      <p>
        Drop a set file anywhere on this page: it is checked, and you see what it would cost before anything
        is submitted. Or write one here, and hear each line as you go.
      </p>
      <div class="tools">
        <FileButton says="Open a set file…" />
        <a class="button main" href="/new" onClick={onLink}>
          Write one
        </a>
      </div>
    </div>
  );
}

export function SetRows({ sets: shown }: { sets: readonly SetSummary[] }) {
  return (
    <ul class="sets">
      {shown.map((set) => (
        <li key={set.setId}>
          <a class="set" href={`/sets/${set.setId}`} onClick={onLink}>
            <span>
              <strong dir="auto">{set.set.name}</strong>
              <span class="set-line">
                <StateChip set={set} />
                {set.priority !== 'normal' && <span class="chip">{set.priority} priority</span>}
                <span title={dateAndTime(set.acceptedAt)}>{ago(set.acceptedAt, now.value)}</span>
              </span>
            </span>
            {set.state === 'rejected' ? (
              <span class="set-line set-refused">
                Refused for {countOf(set.problemCount ?? set.problems?.length ?? 0, 'problem')}; nothing was
                spent
              </span>
            ) : (
              <Standing set={set} />
            )}
          </a>
        </li>
      ))}
    </ul>
  );
}

function Standing({ set }: { set: SetSummary }) {
  const { counts, provider, costUsd, savedUsd, estimatedUsd, startedAt, endedAt } = set;
  const rate = rateOf(set);
  const left = secondsLeft(set);
  return (
    <>
      <span class="set-progress">
        <Bar counts={counts} />
        <span class="set-line">
          <span>
            {grouped(doneOf(set) - counts.failed)} of {countOf(counts.total, 'item')}
          </span>
          {counts.reused > 0 && <span>{grouped(counts.reused)} reused</span>}
          {counts.failed > 0 && <span class="row-why">{grouped(counts.failed)} failed</span>}
        </span>
      </span>
      <span class="set-figure set-pace">
        {rate !== undefined && <span>{perSecond(rate)}</span>}
        {left !== undefined && <span class="small hint">{duration(left)} left</span>}
        {endedAt && (
          <span class="small hint">
            took {duration((Date.parse(endedAt) - Date.parse(startedAt)) / 1_000)}
          </span>
        )}
      </span>
      <span class="set-figure set-money">
        {provider === 'local' ? (
          <span class="small hint">free</span>
        ) : (
          <>
            <span>{dollars(costUsd)}</span>
            <span class="small hint">
              {!endedAt
                ? `of at most ${dollars(estimatedUsd)}`
                : Number(savedUsd) > 0
                  ? `${dollars(savedUsd)} saved`
                  : 'spent'}
            </span>
          </>
        )}
      </span>
    </>
  );
}
