/** Finds out which item an unreadable request was about, from whatever part of it is readable. */
import { jsonIn } from '@setlist/contracts';
import { z } from 'zod';

/** What is known about the item. */
export interface Identified {
  readonly index: number;
  readonly attempt: number;
  readonly file?: string;
  /** The sound's hash. */
  readonly hash?: string;
}

const asItIs = z.looseObject({
  id: z.unknown().optional(),
  subject: z.unknown().optional(),
  data: z.unknown().optional(),
});
const index = z.int().nonnegative();
const attempt = z.int().positive();
const hash = z.string().regex(/^[0-9a-f]{64}$/);

/** @returns undefined if not even the index is readable */
export function identify(raw: Uint8Array, setId: string): Identified | undefined {
  const envelope = asItIs.safeParse(jsonIn(Buffer.from(raw).toString('utf8'))).data;
  if (!envelope) return undefined;
  const data = z.looseObject({}).safeParse(envelope.data).data ?? {};
  const named = fromId(envelope.id, setId) ?? fromSubject(envelope.subject, setId);
  const found = index.safeParse(data.index).data ?? named?.index;
  if (found === undefined) return undefined;
  const file = z.string().safeParse(data.file).data;
  const sound = hash.safeParse(data.hash).data;
  return {
    index: found,
    attempt: attempt.safeParse(data.attempt).data ?? named?.attempt ?? 1,
    ...(file === undefined ? {} : { file }),
    ...(sound === undefined ? {} : { hash: sound }),
  };
}

/** A request's id is `<set>/items/<index>/<attempt>/requested`. */
function fromId(id: unknown, setId: string): { index: number; attempt: number } | undefined {
  const [set, items, at, of] = typeof id === 'string' ? id.split('/') : [];
  const found = { index: numberOf(at), attempt: numberOf(of) };
  const isOurs = set === setId && items === 'items' && found.attempt > 0;
  return isOurs && Number.isSafeInteger(found.index) ? found : undefined;
}

/** A request's subject is `<set>/<index>`. */
function fromSubject(subject: unknown, setId: string): { index: number; attempt: number } | undefined {
  const [set, at] = typeof subject === 'string' ? subject.split('/') : [];
  const found = numberOf(at);
  return set === setId && Number.isSafeInteger(found) ? { index: found, attempt: 1 } : undefined;
}

const numberOf = (text: string | undefined): number => (/^\d+$/.test(text ?? '') ? Number(text) : Number.NaN);
