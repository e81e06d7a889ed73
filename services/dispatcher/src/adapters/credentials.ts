/** Whether there are credentials for Amazon Polly, as the SDK finds them: asked before a set is taken in, since without them each of its items would fail. */
import { PollyClient } from '@aws-sdk/client-polly';
import { messageOf } from '@setlist/runtime';

/**
 * Looks in all places that calls will look in, the metadata service of EC2 included; Polly itself is not called.
 * @returns why there are none, or nothing where there are
 */
export async function missingCredentials(region: string | undefined): Promise<string | undefined> {
  const client = new PollyClient(region === undefined ? {} : { region });
  try {
    await client.config.credentials();
    return undefined;
  } catch (error) {
    return messageOf(error);
  } finally {
    client.destroy();
  }
}
