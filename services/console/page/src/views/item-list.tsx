/** The items of a set: found by state and text, played, and retried. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Item, Mark, SetSummary } from '../api/types.ts';
import { audioLength, countOf, fileSize, grouped } from '../parts/figures.ts';
import { trying } from '../parts/notices.tsx';
import { isPlayable, play, playing } from '../parts/player.tsx';
import { VirtualList } from '../parts/virtual-list.tsx';
import { type Filter, NO_FILTER, type OpenedSet } from '../state/set.ts';
import { steer } from './commands.tsx';

const ROW_HEIGHT = 56;
const TYPING_PAUSE_MS = 200;
const WORDS: Readonly<Record<Mark, string>> = {
  r: 'to do',
  p: 'paid',
  u: 'reused',
  c: 'recovered',
  f: 'failed',
};

export function ItemList({ opened, summary }: { opened: OpenedSet; summary: SetSummary }) {
  const filter = useSignal<Filter>(NO_FILTER);
  const chosen = useSignal<ReadonlySet<number>>(new Set());
  useEffect(() => {
    const timer = setTimeout(() => void trying(() => opened.filterBy(filter.value)), TYPING_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [opened, filter.value, summary.counts.failed, summary.state]);
  const canRetry = summary.state === 'completed' && summary.counts.failed > 0;
  const choose = (index: number, wanted: boolean): void => {
    const next = new Set(chosen.value);
    if (wanted) next.add(index);
    else next.delete(index);
    chosen.value = next;
  };
  const retryChosen = async (): Promise<void> => {
    const indexes = [...chosen.value];
    chosen.value = new Set();
    await steer(summary.setId, 'retry', { indexes }, `${countOf(indexes.length, 'item')} asked for again.`);
  };
  const version = opened.version.value;
  return (
    <>
      <div class="tools">
        <label>
          <span class="label">Show</span>
          <select
            value={filter.value.state}
            onChange={({ currentTarget: { value } }) =>
              (filter.value = { ...filter.value, state: value as Filter['state'] })
            }
          >
            <option value="">all</option>
            <option value="requested">to do</option>
            <option value="completed">done</option>
            <option value="failed">failed</option>
          </select>
        </label>
        <label>
          <span class="label">Text</span>
          <input
            type="search"
            value={filter.value.text}
            onInput={({ currentTarget: { value } }) => (filter.value = { ...filter.value, text: value })}
          />
        </label>
        <span class="hint" role="status">
          {countOf(opened.length, 'item')}
        </span>
        <span class="space" />
        {canRetry && chosen.value.size > 0 && (
          <button type="button" class="main" onClick={retryChosen}>
            Retry {countOf(chosen.value.size, 'item')}
          </button>
        )}
      </div>
      <VirtualList
        count={opened.length}
        rowHeight={ROW_HEIGHT}
        label="Items"
        version={version}
        row={(at) => {
          const index = opened.indexAt(at);
          return (
            <Row
              index={index}
              mark={opened.marks[index] ?? 'r'}
              item={opened.itemAt(index)}
              setId={summary.setId}
              isChosen={chosen.value.has(index)}
              {...(canRetry ? { choose } : {})}
            />
          );
        }}
      />
    </>
  );
}

interface RowProps {
  readonly index: number;
  readonly mark: Mark;
  readonly item: Item | undefined;
  readonly setId: string;
  readonly isChosen: boolean;
  /** Where failed items can be retried. */
  readonly choose?: (index: number, wanted: boolean) => void;
}

function Row({ index, mark, item, setId, isChosen, choose }: RowProps) {
  const isDone = mark !== 'r' && mark !== 'f';
  const isHere = playing.value?.setId === setId && playing.value.index === index;
  return (
    <div class={`row row-${mark}${isHere ? ' row-playing' : ''}`}>
      <span class="row-number">{grouped(index)}</span>
      <span class={`chip chip-${mark}`}>{WORDS[mark]}</span>
      <span class="row-text">
        <span class="row-said">{item?.text ?? '…'}</span>
        <span class="row-file">
          {mark === 'f' && item?.message ? `${item.message} ${item.remedy ?? ''}` : item?.file}
        </span>
      </span>
      <span class="row-facts">{item && factsOf(item)}</span>
      {isDone && isPlayable(item?.format) && (
        <button
          type="button"
          class="quiet"
          aria-label={`Play item ${index}`}
          onClick={() => play(setId, index)}
        >
          ▶
        </button>
      )}
      {mark === 'f' && choose && (
        <>
          <input
            type="checkbox"
            aria-label={`Choose item ${index}`}
            checked={isChosen}
            onChange={({ currentTarget: { checked } }) => choose(index, checked)}
          />
          <button
            type="button"
            aria-label={`Retry item ${index}`}
            onClick={() => steer(setId, 'retry', { indexes: [index] }, `Item ${index} is asked for again.`)}
          >
            Retry
          </button>
        </>
      )}
    </div>
  );
}

const factsOf = ({ voice, durationMs, bytes, characters }: Item): string =>
  [
    voice,
    durationMs === undefined ? undefined : audioLength(durationMs),
    bytes === undefined ? undefined : fileSize(bytes),
    characters === undefined ? undefined : `${grouped(characters)} ch.`,
  ]
    .filter((fact) => fact !== undefined)
    .join(' · ');
