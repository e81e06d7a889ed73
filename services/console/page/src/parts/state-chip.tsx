/** A set's state in a word. */
import type { Counts, SetSummary } from '../api/types.ts';

interface ChipProps {
  readonly set: Pick<SetSummary, 'state' | 'stalled'> & { readonly counts: Pick<Counts, 'failed'> };
}

export function StateChip({ set }: ChipProps) {
  const { state, stalled, counts } = set;
  const word =
    stalled && state === 'running'
      ? 'stalled'
      : state === 'completed' && counts.failed > 0
        ? 'with failures'
        : state;
  return <span class={`chip chip-${word.replace(' ', '-')}`}>{word}</span>;
}
