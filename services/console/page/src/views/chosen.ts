/** The failed items that are selected, to be retried together. */
import { useSignal } from '@preact/signals';
import { countOf } from '../parts/figures.ts';
import { steer } from './commands.tsx';

export function useChosen(setId: string) {
  const chosen = useSignal<ReadonlySet<number>>(new Set());
  const choose = (index: number, wanted: boolean): void => {
    const next = new Set(chosen.value);
    if (wanted) next.add(index);
    else next.delete(index);
    chosen.value = next;
  };
  const retryChosen = async (): Promise<void> => {
    const indexes = [...chosen.value];
    chosen.value = new Set();
    await steer(setId, 'retry', { indexes }, `${countOf(indexes.length, 'item')} requested again.`);
  };
  return { chosen: chosen.value, choose, retryChosen };
}
