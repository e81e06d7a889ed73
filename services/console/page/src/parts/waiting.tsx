/** What is shown while something has not loaded, or can't be refreshed, with the reason if known. */
import { signInFor } from '../api/client.ts';

export function Waiting({ fault }: { fault?: string | undefined }) {
  return <p class="hint">{signInFor.value ? 'Sign in to see this.' : (fault ?? 'Loading…')}</p>;
}

/** Above figures that may be out of date: why the last refresh failed. */
export function OutOfDate({ fault }: { fault: string | undefined }) {
  if (fault === undefined) return null;
  return (
    <p class="row-why" role="alert">
      {fault}
    </p>
  );
}
