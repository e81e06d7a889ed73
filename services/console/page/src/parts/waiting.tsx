/** A placeholder for something that has not loaded, with the reason if known. */
import { signInFor } from '../api/client.ts';

export function Waiting({ fault }: { fault?: string | undefined }) {
  return <p class="hint">{signInFor.value ? 'Sign in to see this.' : (fault ?? 'Loading…')}</p>;
}
