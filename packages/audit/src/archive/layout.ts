/** The files in an archive of a set, and the README that explains them. */
import { z } from 'zod';

export const FILES = {
  readme: 'README.txt',
  /** The events as they were stored, byte for byte, one on each line: any CloudEvents SDK can read them. */
  events: 'events.ndjson',
  /** The place of each event in the log: line n belongs to line n of the events. */
  places: 'places.ndjson',
  manifest: 'manifest.json',
  setFile: 'set-file',
  audio: 'audio',
  checksums: 'SHA256SUMS',
} as const;

/** One line of the places; the time is when the broker stored it, in ISO 8601. */
export const placeSchema = z.object({ seq: z.int().positive(), time: z.iso.datetime(), subject: z.string() });
export type Place = Readonly<z.infer<typeof placeSchema>>;

export interface Described {
  readonly setId: string;
  readonly name: string;
  readonly state: string;
  readonly events: number;
  readonly chain: { readonly events: number; readonly head: string };
  readonly hasSetFile: boolean;
  readonly audioFiles: number;
  readonly exportedAt: Date;
}

export function readmeText(about: Described): string {
  const { setId, name, state, events, chain, hasSetFile, audioFiles, exportedAt } = about;
  return `Archive of the set "${name}"
${setId}, ${state}, exported ${exportedAt.toISOString()}

Check it, on any machine, with Setlist alone:

    setlist audit verify --archive THIS-FILE.tar.gz

or unpack it and check the files by hand: sha256sum -c SHA256SUMS

events.ndjson   ${events} events: those of the set, and those of the sounds that its items name. Each line is one
                CloudEvents 1.0 document, byte for byte as it was in the log.
places.ndjson   the place of each event in the log, line by line: its sequence, the broker's time, its subject.
manifest.json   the result of every item (only if the set has ended).
${hasSetFile ? 'set-file.*      the set file as it was handed in.\n' : ''}audio/          ${audioFiles === 0 ? 'not included (setlist audit export --audio includes it)' : `${audioFiles} audio files under their names`}.
SHA256SUMS      a checksum for each file above.

The head of the hash chain over the first ${chain.events} of the set's own events:

    ${chain.head}

The chain starts as 32 zero bytes; each event turns it into sha256(chain, subject, bytes of the event). The mail about
the set's end carries the head at that time: "setlist audit verify --archive FILE --head HEX" looks for it in this
archive. If it is not found, the events have changed since that mail.
`;
}
