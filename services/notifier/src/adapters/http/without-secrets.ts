/** Keeps a channel's secrets out of what the other side says: error pages like to repeat what was asked for. */

export interface Secrets {
  /** Whoever knows its path and query can post there. */
  readonly url: URL;
  /** What messages are signed with. */
  readonly secrets?: readonly string[];
}

/** What is shorter is too common to be a secret, and would tear other words. */
const SHORTEST = 6;

/** Whole where it is repeated whole; else each part of path and query by itself, as it was sent or decoded. */
export function withoutSecrets(text: string, { url, secrets = [] }: Secrets): string {
  const { href, pathname, search, username, password } = url;
  const parts = [...pathname.split('/'), ...search.split(/[?&=]/), username, password, ...secrets];
  const secret = [href, pathname + search, pathname, ...parts]
    .flatMap((part) => [part, decoded(part)])
    .filter(({ length }) => length >= SHORTEST)
    .sort((a, b) => b.length - a.length);
  return secret.reduce((rest, part) => rest.replaceAll(part, '***'), text);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
