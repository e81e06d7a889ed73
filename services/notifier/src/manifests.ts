/** The manifest of a completed set, attached to its mail: read from the store to which the tracker writes it. */
import { type EventOf, MANIFEST_FILES, MANIFEST_TYPES, manifestKeys } from '@setlist/contracts';
import { acceptanceOf, type EventLog } from '@setlist/eventlog';
import type { Logger } from '@setlist/runtime';
import { readManifestHeader } from '@setlist/sets';
import {
  type ObjectStore,
  StoreError,
  type StoreSettings,
  storeOptionsOf,
  storesByUri,
} from '@setlist/storage';
import type { NotableEvent } from './domain/notice-kind.ts';

interface Attachment {
  readonly filename: string;
  readonly contentType: string;
  readonly content: Uint8Array;
}

export interface Manifests {
  /** Whether the manifest is there or not worth waiting for. */
  isReady(notice: Occasion): Promise<boolean>;
  /** The CSV form; undefined if this completion has none, or it is too large or can't be read. */
  attachmentFor(notice: Occasion): Promise<Attachment | undefined>;
}

/** The event of a notice, and when it was stored. */
interface Occasion {
  readonly event: NotableEvent;
  readonly storedAt: Date;
}

export interface ManifestOptions {
  /** How long after a completion to wait for its manifest, in ms. */
  readonly waitMs: number;
  /** A larger one is not attached. */
  readonly largestBytes: number;
  readonly store: StoreSettings;
}

/** Has no manifest of any set. */
export const NO_MANIFESTS: Manifests = {
  isReady: async () => true,
  attachmentFor: async () => undefined,
};

interface Deps {
  readonly log: Pick<EventLog, 'first' | 'clock'>;
  readonly logger: Logger;
}

/** The most bytes of JSON for one of CSV: JSON says more about each item, but more than this means a large manifest. */
const JSON_TO_CSV = 8;

export function createManifests(options: ManifestOptions, { log, logger }: Deps): Manifests {
  const storeAt = storesByUri(storeOptionsOf(options.store));
  const storeOf = async (setId: string): Promise<{ store: ObjectStore; prefix: string } | undefined> => {
    const accepted = await acceptanceOf(log, setId);
    if (accepted === undefined) return undefined;
    const { output, prefix } = accepted.data;
    return { store: storeAt(output), prefix };
  };
  const find = async (event: NotableEvent): Promise<'none' | 'not yet' | Attachment> => {
    if (event.name !== 'SetCompleted' || options.largestBytes === 0) return 'none';
    try {
      const at = await storeOf(event.setId);
      return at === undefined ? 'none' : await read(at, event, options.largestBytes);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      const { code, message, remedy } = error;
      logger.warn(
        { event: 'manifest-not-read', cause: event.id, code, remedy },
        `the manifest can't be read; the mail goes without it: ${message}`,
      );
      return 'none';
    }
  };
  return {
    async isReady({ event, storedAt }) {
      if (event.name !== 'SetCompleted') return true;
      const ageMs = log.clock.now() - storedAt.getTime();
      return ageMs >= options.waitMs || (await find(event)) !== 'not yet';
    },
    async attachmentFor({ event }) {
      const found = await find(event);
      return typeof found === 'string' ? undefined : found;
    },
  };
}

/**
 * A manifest belongs to this completion if its JSON form has the head of this completion's chain: that of an earlier
 * round, or of another run under the same prefix, has a different head. The tracker writes the CSV first.
 */
async function read(
  { store, prefix }: { store: ObjectStore; prefix: string },
  { data }: EventOf<'SetCompleted'>,
  largestBytes: number,
): Promise<'none' | 'not yet' | Attachment> {
  const keys = manifestKeys(prefix);
  const [json, csv] = await Promise.all([store.head(keys.json), store.head(keys.csv)]);
  if (json === undefined || csv === undefined) return 'not yet';
  if (csv.bytes > largestBytes || json.bytes > largestBytes * JSON_TO_CSV) return 'none';
  const header = await readManifestHeader(store.read(keys.json));
  if (header?.chain.head !== data.chain.head) return 'not yet';
  return {
    filename: MANIFEST_FILES.csv,
    contentType: MANIFEST_TYPES.csv,
    content: await store.get(keys.csv),
  };
}
