/** Masks credentials in URLs and people's mail addresses in text that others will read. */

const MASK = '***';
/** The user part of a URL, up to the last `@` before the host: a password can contain an `@`. */
const URL_CREDENTIALS = /(\/\/)[^\s/"?#<>]*@/g;
/** In a line of JSON, a backslash escapes the next character: an escaped quote ends the value, other pairs don't. */
const QUERY_PARAMETER = /([?&])([^=&?#\s"]*)=(?:[^&#\s"\\]|\\[^"\s])*/g;
/** A URL that ends with its host. */
const BARE_URL = /^[a-z][a-z0-9+.-]*:\/\/[^\s/"?#<>]+\/?$/i;
const SECRET_NAME = /token|secret|password|signature|credential|api-?_?key/i;

/**
 * Masks user names, passwords and tokens of every URL that occurs in `text`, which may be one URL, a list of
 * them, or a sentence around them: `nats://u:p@host:4222` becomes `nats://***@host:4222`, and the values of
 * query parameters that are named like secrets (`token`, `X-Amz-Signature`, …) become `***`.
 */
export function redactUrl(text: string): string {
  if (!text.includes('//')) return text;
  return text
    .replace(URL_CREDENTIALS, `$1${MASK}@`)
    .replace(QUERY_PARAMETER, (parameter: string, before: string, name: string) =>
      SECRET_NAME.test(name) ? `${before}${name}=${MASK}` : parameter,
    );
}

/**
 * Whether all that can be secret in `text` is what `redactUrl` masks: it is a URL, or several separated by commas,
 * without a path or a query. A webhook's address has its secret there.
 */
export const redactUrlSuffices = (text: string): boolean =>
  text.split(',').every((url) => BARE_URL.test(url.trim()));

/** Keeps the first letter and the domain: `jane@example.com` becomes `j***@example.com`; other text becomes `***`. */
export function maskEmail(address: string): string {
  const at = address.lastIndexOf('@');
  const [first] = address;
  return at > 0 && first !== undefined ? `${first}${MASK}${address.slice(at)}` : MASK;
}
