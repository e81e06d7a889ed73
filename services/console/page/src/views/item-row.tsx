/** One item: its text, its state, and its commands. */
import type { Item, Mark } from '../api/types.ts';
import { audioLength, fileSize, grouped, sentences } from '../parts/figures.ts';
import { Icon } from '../parts/icon.tsx';
import { languageTag } from '../parts/language-tag.ts';
import { isPlayable, isSounding, play, playing, togglePlaying } from '../parts/player.tsx';
import { steer } from './commands.tsx';

const WORDS: Readonly<Record<Mark, string>> = {
  r: 'to go',
  p: 'done',
  u: 'reused',
  c: 'recovered',
  f: 'failed',
};

export interface ItemRowProps {
  readonly index: number;
  readonly mark: Mark | undefined;
  readonly item: Item | undefined;
  readonly setId: string;
  readonly isPast: boolean;
  readonly isChosen: boolean;
  /** Of its controls. */
  readonly tabIndex: 0 | -1;
  /** Shows the full reason for its failure. */
  explain(index: number): void;
  /** Present if failed items can be retried. */
  readonly choose?: (index: number, wanted: boolean) => void;
}

export function ItemRow(props: ItemRowProps) {
  const { index, mark = 'r', item, setId, isPast, tabIndex, explain, choose } = props;
  const isHere = playing.value?.setId === setId && playing.value.index === index;
  const isDone = mark !== 'r' && mark !== 'f';
  const { message, remedy = '' } = item ?? {};
  const why = mark === 'f' && !isPast && message ? sentences({ message, remedy }) : undefined;
  return (
    <div class={`row row-${mark}${isHere ? ' row-playing' : ''}${choose ? ' row-retriable' : ''}`}>
      {isDone && item?.state === 'completed' && isPlayable(item.format) ? (
        <PlayButton setId={setId} index={index} isHere={isHere} tabIndex={tabIndex} />
      ) : (
        <span />
      )}
      <span class="row-number">{grouped(index)}</span>
      <span class="row-text">
        <span class="row-said" dir="auto" lang={languageTag(item?.language)}>
          {item?.text ?? '…'}
        </span>
        {why ? (
          <button
            type="button"
            class="link row-file row-why"
            data-key="Enter"
            tabIndex={tabIndex}
            aria-label={`Item ${index} failed: ${why}`}
            onClick={() => explain(index)}
          >
            {why}
          </button>
        ) : (
          <span class="row-file">{item?.file}</span>
        )}
      </span>
      <span class="row-facts">{item && (isDone ? factsOf(item) : item.voice)}</span>
      <span class={`chip chip-${mark}`}>{WORDS[mark]}</span>
      <span class="row-do">{mark === 'f' && choose && <Retrying {...props} choose={choose} />}</span>
    </div>
  );
}

function Retrying({ setId, index, isChosen, tabIndex, choose }: Required<ItemRowProps>) {
  return (
    <>
      <input
        type="checkbox"
        data-key="x"
        tabIndex={tabIndex}
        aria-label={`Choose item ${index}`}
        checked={isChosen}
        onChange={({ currentTarget: { checked } }) => choose(index, checked)}
      />
      <button
        type="button"
        data-key="r"
        tabIndex={tabIndex}
        aria-label={`Retry item ${index}`}
        onClick={() => steer(setId, 'retry', { indexes: [index] }, `Item ${index} requested again.`)}
      >
        <Icon name="again" />
        <span class="button-words">Retry</span>
      </button>
    </>
  );
}

interface PlayButtonProps extends Pick<ItemRowProps, 'setId' | 'index' | 'tabIndex'> {
  readonly isHere: boolean;
}

function PlayButton({ setId, index, isHere, tabIndex }: PlayButtonProps) {
  const isOn = isHere && isSounding.value;
  return (
    <button
      type="button"
      class="quiet icon-only"
      data-key="Enter"
      tabIndex={tabIndex}
      aria-label={`${isOn ? 'Pause' : 'Play'} item ${index}`}
      onClick={() => (isHere ? togglePlaying() : play(setId, index))}
    >
      <Icon name={isOn ? 'pause' : 'play'} />
    </button>
  );
}

const factsOf = ({ voice, durationMs, bytes }: Item): string =>
  [
    voice,
    durationMs === undefined ? undefined : audioLength(durationMs),
    bytes === undefined ? undefined : fileSize(bytes),
  ]
    .filter((fact) => fact !== undefined)
    .join(' · ');
