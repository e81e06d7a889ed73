/** How the engine reaches S3 and SNS: at AWS with credentials that the SDK finds, at an emulator with any. */
import { isLoopback } from '@setlist/runtime';

export type AwsEndpoint = { readonly url: string; readonly region: string };

/** An emulator checks no signature, yet the SDK sends nothing without one. */
const UNCHECKED = { accessKeyId: 'local', secretAccessKey: 'local' };

/** On loopback there is nobody to ask for credentials; everywhere else the SDK looks for them itself. */
export function awsClientConfig({ url, region }: AwsEndpoint) {
  const isHere = isLoopback(new URL(url).hostname);
  return { endpoint: url, region, ...(isHere && { credentials: UNCHECKED }) };
}
