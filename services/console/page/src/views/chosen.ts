/** The failed items that are selected, to be retried together. */
import { useSignal } from '@preact/signals';
import type { Mark } from '../api/types.ts';
import { countOf } from '../parts/figures.ts';
import { steer } from './commands.tsx';

export function useChosen(setId: string, marks: readonly (Mark | undefined)[]) {
  const ticked = useSignal<ReadonlySet<number>>(new Set());
  /** Ticked items can have been retried by their own button since: a retry that named them would be refused whole. */
  const chosen = new Set([...ticked.value].filter((index) => marks[index] === 'f'));
  const choose = (index: number, wanted: boolean): void => {
    const next = new Set(ticked.value);
    if (wanted) next.add(index);
    else next.delete(index);
    ticked.value = next;
  };
  const retryChosen = async (): Promise<void> => {
    const done = `${countOf(chosen.size, 'item')} requested again.`;
    if (await steer(setId, 'retry', { indexes: [...chosen] }, done)) ticked.value = new Set();
  };
  return { chosen, choose, retryChosen };
}
