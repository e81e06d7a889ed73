/** Whether the SDK finds credentials for Amazon Polly, and may find them again where it does not. */
import { hasContainerRole, messageOf } from '@setlist/runtime';
import { pollyClient } from './polly-client.ts';

/**
 * What is known of a client's credentials. Missing ones come back by themselves if there were some before, or if a
 * container's agent hands them out: it may be starting. Otherwise nobody has given any, which has to be told at once.
 */
export class Credentials {
  #wereFound = false;

  /** A call has succeeded with them. */
  found(): void {
    this.#wereFound = true;
  }

  get mayComeBack(): boolean {
    return this.#wereFound || hasContainerRole();
  }
}

/**
 * Looks everywhere that calls look, including the EC2 metadata service; doesn't call Polly itself. To be asked before a
 * set is accepted, since every item would fail without them.
 * @returns why there are no credentials, or undefined if there are
 */
export async function missingCredentials(region: string | undefined): Promise<string | undefined> {
  const client = pollyClient({ region, maxSockets: 1 });
  try {
    await client.config.credentials();
    return undefined;
  } catch (error) {
    return messageOf(error);
  } finally {
    client.destroy();
  }
}
