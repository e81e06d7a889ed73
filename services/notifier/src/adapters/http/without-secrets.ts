/** Keeps a channel's secrets out of quoted replies, since error pages often repeat the request. */
import { uriDecoded } from '@setlist/contracts';

export interface Secrets {
  /** Anyone who knows its path and query can post there. */
  readonly url: URL;
  /** The secrets that sign messages. */
  readonly secrets?: readonly string[];
}

/** The shortest text that is masked: shorter ones are too common to be secrets, and occur within other words. */
const SHORTEST = 6;

/** Masks the whole address where it is repeated whole, else each part of path and query, as sent or decoded. */
export function withoutSecrets(text: string, { url, secrets = [] }: Secrets): string {
  const { href, pathname, search, username, password } = url;
  const parts = [...pathname.split('/'), ...search.split(/[?&=]/), username, password, ...secrets];
  const secret = [href, pathname + search, pathname, ...parts]
    .flatMap((part) => [part, uriDecoded(part) ?? part])
    .filter(({ length }) => length >= SHORTEST)
    .sort((a, b) => b.length - a.length);
  return secret.reduce((rest, part) => rest.replaceAll(part, '***'), text);
}
