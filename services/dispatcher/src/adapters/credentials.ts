/** Whether the SDK finds credentials for Amazon Polly, and may find them again where it does not. */
import { hasContainerRole, messageOf, unlessAborted } from '@setlist/runtime';
import { pollyClient } from './polly-client.ts';

/**
 * What is known of a client's credentials. Missing ones come back by themselves if there were some before, or if a
 * container's agent hands them out: it may be starting. Otherwise nobody has given any, which has to be told at once.
 */
export class Credentials {
  readonly #look: () => Promise<unknown>;
  #wereFound = false;

  /** @param look asks for them anew only if there are none that are still valid */
  constructor(look: () => Promise<unknown>) {
    this.#look = look;
  }

  /** @throws why there are none, or the signal's reason if it aborts first */
  async find(signal: AbortSignal): Promise<void> {
    await unlessAborted(this.#look(), signal);
  }

  /** A call has succeeded with them. */
  found(): void {
    this.#wereFound = true;
  }

  get mayComeBack(): boolean {
    return this.#wereFound || hasContainerRole();
  }
}

/** How long whoever hands out credentials can be silent before a set is refused. */
const SILENCE_MS = 30_000;

/**
 * Looks everywhere that calls look, including the EC2 metadata service; doesn't call Polly itself. To be asked before a
 * set is accepted, since its items would fail, or wait, without them.
 * @returns why there are no credentials, or undefined if there are
 */
export async function missingCredentials(region: string | undefined): Promise<string | undefined> {
  const client = pollyClient({ region, callTimeoutMs: SILENCE_MS });
  try {
    await client.config.credentials();
    return undefined;
  } catch (error) {
    return messageOf(error);
  } finally {
    client.destroy();
  }
}
