/** A set's state in a word. */
import type { SetSummary } from '../api/types.ts';

export function StateChip({ set }: { set: Pick<SetSummary, 'state' | 'stalled' | 'counts'> }) {
  const { state, stalled, counts } = set;
  const word =
    stalled && state === 'running'
      ? 'stalled'
      : state === 'completed' && counts.failed > 0
        ? 'with failures'
        : state;
  return <span class={`chip chip-${word.replace(' ', '-')}`}>{word}</span>;
}
