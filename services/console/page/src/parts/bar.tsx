/** How far a set is: done, reused, failed and still to go, as one bar that says the same in words. */
import type { SetSummary } from '../api/types.ts';
import { grouped } from './figures.ts';

export function Bar({ counts }: Pick<SetSummary, 'counts'>) {
  const { total, completed, failed, reused } = counts;
  if (total === 0) return null;
  const made = completed - reused;
  const share = (count: number): string => `${(100 * count) / total}%`;
  const label = `${grouped(completed)} of ${grouped(total)} done, ${grouped(reused)} of them reused, ${grouped(failed)} failed`;
  return (
    <div
      class="bar"
      role="progressbar"
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuenow={completed + failed}
      aria-label={label}
      title={label}
    >
      <span class="bar-made" style={{ width: share(made) }} />
      <span class="bar-reused" style={{ width: share(reused) }} />
      <span class="bar-failed" style={{ width: share(failed) }} />
    </div>
  );
}
