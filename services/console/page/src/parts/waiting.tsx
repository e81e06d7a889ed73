/** Stands where something has not come yet, and says why, where that is known. */
import { signInFor } from '../api/client.ts';

export function Waiting({ fault }: { fault?: string | undefined }) {
  return (
    <p class="hint">{signInFor.value ? 'It is shown once you have signed in.' : (fault ?? 'Loading…')}</p>
  );
}
