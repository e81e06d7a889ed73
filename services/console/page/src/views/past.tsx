/** The past of a set: a slider over its events, and the set as it was at the moment where the slider stands. */
import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { get } from '../api/client.ts';
import type { Timeline } from '../api/types.ts';
import { Bar } from '../parts/bar.tsx';
import { countOf, grouped, timeOfDay } from '../parts/figures.ts';
import { trying } from '../parts/notices.tsx';
import { History } from '../state/history.ts';

/** Events listed beside the slider. */
const LISTED = 12;

export function Past({ setId, total, lastSeq }: { setId: string; total: number; lastSeq: number }) {
  const timeline = useSignal<Timeline | undefined>(undefined);
  const place = useSignal<number | undefined>(undefined);
  useEffect(() => {
    void trying(async () => {
      timeline.value = await get<Timeline>(`/sets/${setId}/timeline`);
    });
  }, [setId, place.value === undefined ? lastSeq : 0]);
  const history = useMemo(
    () => timeline.value && new History(timeline.value, total),
    [timeline.value, total],
  );
  if (!history || history.length === 0) return <p class="hint">Loading its past…</p>;
  const at = Math.min(place.value ?? history.length, history.length);
  const { counts, state, items } = history.at(at);
  const moment = history.momentOf(at);
  const label = `${countOf(at, 'event')} of ${grouped(history.length)}, ${timeOfDay(moment)}`;
  return (
    <section class="past" aria-label="Past">
      <div class="past-slider">
        <input
          type="range"
          min={1}
          max={history.length}
          value={at}
          aria-label="Moment"
          aria-valuetext={label}
          onInput={({ currentTarget: { value } }) => (place.value = Number(value))}
        />
        <output>{label}</output>
        {place.value !== undefined && (
          <button type="button" onClick={() => (place.value = undefined)}>
            Now
          </button>
        )}
      </div>
      <p class="past-counts">
        <span class={`chip chip-${state}`}>{state}</span> {grouped(counts.completed)} done,{' '}
        {grouped(counts.reused)} of them reused, {grouped(counts.failed)} failed,{' '}
        {grouped(counts.total - counts.completed - counts.failed)} to go
      </p>
      <Bar counts={counts} />
      <Mosaic items={items} />
      <ol class="events" aria-label="Events up to this moment">
        {history.last(at, LISTED).map(({ seq, ms, what }) => (
          <li key={seq}>
            <time>{timeOfDay(ms)}</time> {what}
          </li>
        ))}
      </ol>
    </section>
  );
}

const COLUMNS = 200;

/** Every item as a dot, or a share of them as one, so that one sees where in the set things stood. */
function Mosaic({ items }: { items: readonly string[] }) {
  const step = Math.max(1, Math.ceil(items.length / COLUMNS));
  const dots = Array.from({ length: Math.ceil(items.length / step) }, (_, at) =>
    worstOf(items.slice(at * step, (at + 1) * step)),
  );
  return (
    <svg class="mosaic" viewBox={`0 0 ${dots.length} 6`} preserveAspectRatio="none" aria-hidden="true">
      {dots.map((mark, at) => (
        <rect key={at} class={`dot-${mark}`} x={at + 0.05} width="0.9" height="6" />
      ))}
    </svg>
  );
}

const worstOf = (marks: readonly string[]): string =>
  ['f', 'r', 'p', 'c', 'u'].find((mark) => marks.includes(mark)) ?? 'r';
