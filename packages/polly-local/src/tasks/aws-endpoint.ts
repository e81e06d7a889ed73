/** How the engine reaches S3 and SNS: at AWS with credentials that the SDK finds, at an emulator with made-up ones. */
import { isLoopback } from '@setlist/runtime';

export type AwsEndpoint = { readonly url: string; readonly region: string };

/** An emulator checks no signature, but the SDK sends nothing without credentials. */
const UNCHECKED = { accessKeyId: 'local', secretAccessKey: 'local' };

/** On loopback the credentials are made up; everywhere else the SDK looks for them itself. */
export function awsClientConfig({ url, region }: AwsEndpoint) {
  const isHere = isLoopback(new URL(url).hostname);
  // The environment may ask for endpoints of AWS's own kinds; the SDK refuses these together with any other.
  const own = { endpoint: url, useDualstackEndpoint: false, useFipsEndpoint: false };
  return { ...own, region, ...(isHere && { credentials: UNCHECKED }) };
}
