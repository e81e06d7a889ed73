/** How the engine reaches S3 and SNS: at AWS with credentials that the SDK finds, at an emulator with any. */

export type AwsEndpoint = { readonly url: string; readonly region: string };

/** An emulator checks no signature, yet the SDK sends nothing without one. */
const UNCHECKED = { accessKeyId: 'local', secretAccessKey: 'local' };

/** On loopback there is nobody to ask for credentials; everywhere else the SDK looks for them itself. */
export function awsClientConfig({ url, region }: AwsEndpoint) {
  const { hostname } = new URL(url);
  const onLoopback = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
  return { endpoint: url, region, ...(onLoopback && { credentials: UNCHECKED }) };
}
