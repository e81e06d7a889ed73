/** The manifest of a completed set, attached to its mail: made from the log, byte for byte what the tracker writes. */
import { MANIFEST_FILES, MANIFEST_TYPES, type ManifestItem } from '@setlist/contracts';
import { BrokerUnavailable, type EventLog, isClosed } from '@setlist/eventlog';
import { type Logger, messageOf, RecentMap } from '@setlist/runtime';
import { manifestCsv, manifestInLog } from '@setlist/sets';
import type { Notice } from './domain/channel.ts';

interface Attachment {
  readonly filename: string;
  readonly contentType: string;
  readonly content: Uint8Array;
}

export interface Manifests {
  /** The CSV form as of the notice's event; undefined if that is not a completion, or the CSV is too large. */
  attachmentFor(notice: Pick<Notice, 'event' | 'seq'>): Promise<Attachment | undefined>;
}

/** Has no manifest of any set. */
export const NO_MANIFESTS: Manifests = { attachmentFor: async () => undefined };

/** A row has at least two times of 24 characters, 20 commas and a line break. */
const SHORTEST_ROW_BYTES = 70;

/** A mail that is tried again needs its manifest again. How many are kept, each at most as large as an attachment. */
const KEPT = 4;

interface ManifestDeps {
  readonly log: Pick<EventLog, 'read' | 'first'>;
  readonly logger: Pick<Logger, 'warn'>;
}

/** @param largestBytes a larger CSV is not attached */
export function createManifests({ log, logger }: ManifestDeps, largestBytes: number): Manifests {
  const kept = new RecentMap<string, Promise<Attachment | undefined>>(KEPT);
  const make = async ({ event, seq }: Completion): Promise<Attachment | undefined> => {
    try {
      return await attachmentInLog(log, { event, seq }, largestBytes);
    } catch (error) {
      // Without the log, the mail can't be noted either: both wait for it.
      if (error instanceof BrokerUnavailable || isClosed(error)) throw error;
      const message = `the mail is sent without its manifest, which could not be made: ${messageOf(error)}`;
      logger.warn({ event: 'manifest-not-made', cause: event.id, set: event.setId, err: error }, message);
      return undefined;
    }
  };
  return {
    async attachmentFor({ event, seq }) {
      if (event.name !== 'SetCompleted') return undefined;
      const key = `${event.id} ${event.data.chain.head}`;
      const made = kept.get(key) ?? make({ event, seq });
      kept.set(key, made);
      try {
        return await made;
      } catch (error) {
        kept.delete(key);
        throw error;
      }
    },
  };
}

interface Completion {
  readonly event: Extract<Notice['event'], { readonly name: 'SetCompleted' }>;
  readonly seq: number;
}

async function attachmentInLog(
  log: ManifestDeps['log'],
  { event: { setId, data }, seq }: Completion,
  largestBytes: number,
): Promise<Attachment | undefined> {
  if (data.counts.total * SHORTEST_ROW_BYTES > largestBytes) return undefined;
  const manifest = await manifestInLog(log, setId, { upToSeq: seq });
  // After a power cut, the log can have continued differently from before this event.
  if (manifest?.header.chain.head !== data.chain.head) return undefined;
  const content = await csvWithin(largestBytes, manifest.items());
  return content && { filename: MANIFEST_FILES.csv, contentType: MANIFEST_TYPES.csv, content };
}

/** Stops reading once the texts alone are too large: a piece of CSV has five hundred items, too many of long texts. */
async function csvWithin(
  largestBytes: number,
  items: AsyncIterable<ManifestItem>,
): Promise<Buffer | undefined> {
  const read: ManifestItem[] = [];
  let leastBytes = 0;
  for await (const item of items) {
    leastBytes += SHORTEST_ROW_BYTES + Buffer.byteLength(item.text);
    if (leastBytes > largestBytes) return undefined;
    read.push(item);
  }
  const csv = Buffer.from((await Array.fromAsync(manifestCsv(read))).join(''));
  return csv.byteLength > largestBytes ? undefined : csv;
}
