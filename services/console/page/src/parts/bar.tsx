/** A set's progress (done, reused, failed, to go) as one bar, with the same in words for screen readers. */
import type { Counts } from '../api/types.ts';
import { grouped } from './figures.ts';

export function Bar({ counts, isLarge = false }: { counts: Counts; isLarge?: boolean }) {
  const { total, completed, failed, reused } = counts;
  if (total === 0) return null;
  const share = (count: number): string => `${(100 * count) / total}%`;
  return (
    <div
      class={`bar ${isLarge ? 'bar-large' : ''}`}
      role="progressbar"
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuenow={completed + failed}
      aria-label={`${grouped(completed)} of ${grouped(total)} done, ${grouped(reused)} of them reused, ${grouped(failed)} failed`}
    >
      <span class="bar-made" style={{ width: share(completed - reused) }} />
      <span class="bar-reused" style={{ width: share(reused) }} />
      <span class="bar-failed" style={{ width: share(failed) }} />
    </div>
  );
}

/** The legend of the bar's colours. */
export function Legend({ counts: { total, completed, reused, failed } }: { counts: Counts }) {
  return (
    <div class="legend">
      <span class="legend-done">{grouped(completed - reused)} done</span>
      <span class="legend-reused">{grouped(reused)} reused</span>
      <span class="legend-failed">{grouped(failed)} failed</span>
      <span class="legend-todo">{grouped(total - completed - failed)} to go</span>
    </div>
  );
}
