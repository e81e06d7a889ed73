/** The past of a set: a slider over its events, and the whole set as it was at the chosen event. */
import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { get } from '../api/client.ts';
import type { SetSummary, Timeline } from '../api/types.ts';
import { Bar, Legend } from '../parts/bar.tsx';
import { countOf, dollars, grouped, timesBetween } from '../parts/figures.ts';
import { Mosaic } from '../parts/mosaic.tsx';
import { StateChip } from '../parts/state-chip.tsx';
import { VirtualList } from '../parts/virtual-list.tsx';
import { OutOfDate, Waiting } from '../parts/waiting.tsx';
import { useFresh } from '../state/fresh.ts';
import { History, type Then } from '../state/history.ts';
import { onceItRests } from '../state/once-it-rests.ts';
import type { OpenedSet } from '../state/set.ts';
import { ItemList } from './item-list.tsx';

const EVENT_HEIGHT = 34;
const RESTS_MS = 300;
const REFRESH_MS = 5_000;

export function Past({ opened, summary }: { opened: OpenedSet; summary: SetSummary }) {
  const { setId, lastSeq, counts } = summary;
  const place = useSignal<number | undefined>(undefined);
  const isNow = place.value === undefined;
  // While the past is shown, new events don't change the view.
  const { value: timeline, fault } = useFresh<Timeline>(
    `/sets/${setId}/timeline`,
    REFRESH_MS,
    isNow ? lastSeq : undefined,
    summary.endedAt !== undefined,
  );
  const history = useMemo(
    () => timeline.value && new History(timeline.value, counts.total),
    [timeline.value, counts.total],
  );
  const at = Math.min(place.value ?? history?.length ?? 0, history?.length ?? 0);
  const then = useMemo(() => history?.at(at), [history, at]);
  const isPaid = summary.provider === 'polly';
  const moneyThen = useMoneyAt(setId, isPaid && !isNow ? history?.seqOf(at) : undefined);
  const money = isNow ? summary : moneyThen;
  if (!history || !then || history.length === 0) return <Waiting fault={fault.value} />;
  return (
    <>
      <OutOfDate fault={fault.value} />
      <Moment
        history={history}
        at={at}
        then={then}
        money={isPaid ? money : undefined}
        isNow={isNow}
        choose={(chosen) => (place.value = chosen)}
      />
      <div class="beside">
        <div>
          <ItemList
            opened={opened}
            summary={summary}
            marks={then.marks}
            version={at}
            isPast={at < history.length}
          />
        </div>
        <Events history={history} at={at} choose={(chosen) => (place.value = chosen)} />
      </div>
    </>
  );
}

interface MomentProps {
  readonly history: History;
  readonly at: number;
  readonly then: Then;
  /** Present if the set costs money, once it is known. */
  readonly money: SetSummary | undefined;
  readonly isNow: boolean;
  /** `undefined` for now. */
  choose(place: number | undefined): void;
}

function Moment({ history, at, then, money, isNow, choose }: MomentProps) {
  const label = `Event ${grouped(at)} of ${grouped(history.length)}, ${timesOf(history)(history.momentOf(at))}`;
  return (
    <section class="panel" aria-label="The set at this moment">
      <div class="past-slider">
        <input
          type="range"
          min={1}
          max={history.length}
          value={at}
          aria-label="Moment"
          aria-valuetext={label}
          onInput={({ currentTarget: { value } }) => choose(Number(value))}
        />
        {/* It would be read out with every event of a running set; the slider says it when it is moved. */}
        <output aria-live="off">{label}</output>
        {/* Not `disabled`, which would take the focus from it. */}
        <button type="button" aria-disabled={isNow} onClick={() => choose(undefined)}>
          Now
        </button>
      </div>
      <Mosaic marks={then.marks} />
      <Bar counts={then.counts} isLarge />
      <div class="tools">
        <Legend counts={then.counts} />
        <span class="space" />
        {money && (
          <span class="small hint">
            {dollars(money.costUsd)} spent, {dollars(money.savedUsd)} saved
          </span>
        )}
        <StateChip set={{ state: then.state, counts: then.counts }} />
      </div>
    </section>
  );
}

const timesOf = (history: History): ((ms: number) => string) =>
  timesBetween(history.momentOf(1), history.momentOf(history.length));

function Events({ history, at, choose }: { history: History; at: number; choose(place: number): void }) {
  const timeOf = timesOf(history);
  return (
    <div>
      <div class="tools">
        <h2 class="events-title">{countOf(history.length, 'event')}</h2>
      </div>
      <VirtualList
        count={history.length}
        rowHeight={EVENT_HEIGHT}
        label="Events"
        shown={at - 1}
        row={(row) => (
          <button
            type="button"
            class={`event ${row >= at ? 'event-later' : ''}`}
            data-key="Enter"
            tabIndex={-1}
            aria-current={row === at - 1 ? 'true' : undefined}
            onClick={() => choose(row + 1)}
          >
            <time>{timeOf(history.momentOf(row + 1))}</time>
            <span>{history.wordsOf(row + 1)}</span>
          </button>
        )}
      />
    </div>
  );
}

/** Money spent and saved at that place, fetched once the slider rests; `undefined` until known. */
function useMoneyAt(setId: string, seq: number | undefined): SetSummary | undefined {
  const known = useSignal<{ seq: number; summary: SetSummary } | undefined>(undefined);
  useEffect(() => {
    if (seq === undefined) return;
    return onceItRests(RESTS_MS, (moved) => {
      void get<SetSummary>(`/sets/${setId}/as-of/${seq}`, moved).then(
        (summary) => (known.value = { seq, summary }),
        () => undefined,
      );
    });
  }, [setId, seq]);
  return known.value?.seq === seq ? known.value?.summary : undefined;
}
