/**
 * Whether the SDK finds credentials for Amazon Polly. Checked before a set is accepted, since every item would fail
 * without them.
 */
import { PollyClient } from '@aws-sdk/client-polly';
import { messageOf } from '@setlist/runtime';

/**
 * Looks everywhere that calls look, including the EC2 metadata service; doesn't call Polly itself.
 * @returns why there are no credentials, or undefined if there are
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
