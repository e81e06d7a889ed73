/** What lies in an archive of a set, and what its reader is told of it. */
import { z } from 'zod';

export const FILES = {
  readme: 'README.txt',
  /** The events as they were stored, byte for byte, one a line: any CloudEvents SDK reads them. */
  events: 'events.ndjson',
  /** Where each of them stood: line n belongs to line n of the events. */
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

Check it, on any machine and with nothing else:

    setlist audit verify --archive THIS-FILE.tar.gz

or by hand, unpacked: sha256sum -c SHA256SUMS

events.ndjson   ${events} events: those of the set, and of the sounds that its items name. Each line is one
                CloudEvents 1.0 document, byte for byte as the log had it.
places.ndjson   line by line where each event stood: its sequence, the broker's time, its subject.
manifest.json   what became of every item (only of a set that has ended).
${hasSetFile ? 'set-file.*      the set file as it was handed in.\n' : ''}audio/          ${audioFiles === 0 ? 'not included (setlist audit export --audio includes it)' : `${audioFiles} audio files under their names`}.
SHA256SUMS      a checksum for each file above.

The hash chain over the set's own events, the first ${chain.events} of them:

    ${chain.head}

It begins as 32 zero bytes; each event makes it sha256(chain, subject, bytes of the event). The mail that told of
the set's end carries the chain as it stood then: "setlist audit verify --archive FILE --head HEX" finds it in here,
or the events are not those of that day.
`;
}
