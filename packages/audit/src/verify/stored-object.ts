/** Compares a stored object with what the log says of it: whether it exists, its length and, if asked, its bytes. */
import { type ObjectStore, StoreError, sha256OfPieces } from '@setlist/storage';
import { type FaultCode, type Finding, fault, unchecked, type Where } from './finding.ts';

/** What the log says of an object. */
interface Expected {
  readonly key: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly where: Where;
}

/** The code of each fault that an object can have. */
export type Codes = Readonly<Record<'missing' | 'size' | 'damaged', FaultCode>>;

interface Place {
  readonly store: ObjectStore;
  /** Whether to read and check the bytes too, not just their number. */
  readonly deep: boolean;
  readonly codes: Codes;
}

/** How many objects are checked concurrently. */
export const LOOKS_AT_ONCE = 16;

/** What is wrong with an object, or why it is not known; `undefined` where it is as the log says. */
export async function look({ store, deep, codes }: Place, expected: Expected): Promise<Finding | undefined> {
  const { key, bytes, sha256, where } = expected;
  try {
    const head = await store.head(key);
    if (head === undefined) return fault(codes.missing, where, `${store.locate(key)} is not there`);
    if (head.bytes !== bytes) {
      const what = `${store.locate(key)} has ${head.bytes} bytes; it was stored with ${bytes}`;
      return fault(codes.size, where, what);
    }
    if (!deep) return undefined;
    if ((await sha256OfPieces(store.read(key))) === sha256) return undefined;
    return fault(codes.damaged, where, `the content of ${store.locate(key)} is not what was stored`);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return unchecked('store-unreachable', where, error.message);
  }
}
