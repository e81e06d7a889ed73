/** Finds stored audio that can be removed: sounds that no set has used for long, and what crashes have left. */
import { type Provider, subjects } from '@setlist/contracts';
import { acceptanceOf, type EventLog } from '@setlist/eventlog';
import type { Engine } from '@setlist/polly';
import { inParallel } from '@setlist/runtime';
import type { ObjectStore } from '@setlist/storage';
import { lastClaimOf, mayHaveLeftAudio, soundState } from '../domain/sound-life.ts';
import { audioOf, type StoredAudio, type StoredSound, StoredSounds } from './stored-sounds.ts';
import { type ArchivedUses, archivedUses, markUses, markWanted } from './uses.ts';

/** A system's sounds: their events, and their audio. */
export interface Holdings {
  readonly log: Pick<EventLog, 'append' | 'last' | 'first' | 'read' | 'head' | 'extent' | 'clock'>;
  /** Where canonical audio is stored. */
  readonly store: ObjectStore;
}

/** A paid sound that no set has used for the given time. */
export interface UnusedSound extends StoredAudio {
  readonly hash: string;
  /** Sequence of its payment: the sound can be removed as long as no later event follows. */
  readonly seq: number;
  readonly claim: number;
  readonly lane: Engine;
  /**
   * Ms since 1970: the sound's last use or, where no set ever used it, its payment or adoption; but no earlier than the
   * newest archive where that may include uses of it.
   */
  readonly lastUsedAt: number;
  /** `undefined` where no set of this log ever used it. */
  readonly lastUse?: {
    readonly set: string;
    readonly file: string;
    readonly provider: Provider;
    /** The characters that making it again would bill. */
    readonly billedCharacters: number;
  };
}

/** Audio of a known sound that the ledger does not point to: replaced by other audio, freed, or written as a probe. */
export interface LeftOver extends StoredAudio {
  readonly hash: string;
}

export interface Survey {
  /** The log's last sequence when it was read. */
  readonly seq: number;
  readonly stored: { readonly count: number; readonly bytes: number };
  /** The longest unused first. */
  readonly unused: readonly UnusedSound[];
  /** Accepted sets that may want any of those: ingest has not requested all of their items yet. */
  readonly unasked: readonly string[];
  readonly leftOvers: readonly LeftOver[];
  /** Audio named like ours that this ledger does not know: another system's, or older than this log. */
  readonly strangers: readonly LeftOver[];
}

export interface SurveyTerms {
  /** How long, in ms, a sound has to be without use by any set to count as unused. */
  readonly unusedForMs: number;
  /** Age, in ms, from which audio can count as left over: anything younger may belong to work in progress. */
  readonly leftOverAfterMs: number;
}

const LOOKUPS_AT_ONCE = 64;

/** Only reads. Memory grows with the amount of audio that is old enough, not with the log. */
export async function surveyStore(holdings: Holdings, terms: SurveyTerms): Promise<Survey> {
  const { log, store } = holdings;
  const now = log.clock.now();
  const unusedSince = now - terms.unusedForMs;
  const leftSince = now - terms.leftOverAfterMs;
  const seq = await log.head();
  const sounds = await StoredSounds.listed(store, Math.max(unusedSince, leftSince));
  await markUses(log, sounds);
  const archived = await archivedUses(log);
  const unasked = await markWanted(log, sounds);
  const leftOvers = sounds.probes.filter(({ modifiedAt }) => modifiedAt <= leftSince);
  const found: Found = { unused: [], leftOvers, strangers: [] };
  await inParallel(sounds, LOOKUPS_AT_ONCE, async ([hash, sound]) => {
    const inUse = sound.wanted || sound.lastUsedAt > unusedSince;
    // True of most sounds in most stores: nothing can be removed, so the ledger need not be read.
    if (inUse && sound.others === undefined) return;
    const payment = await paymentOf(holdings, { hash, sound, archived });
    if (payment === 'under way') return;
    for (const object of audioOf(hash, sound)) {
      if (typeof payment === 'object' && payment.key === object.key) {
        if (!inUse && payment.lastUsedAt <= unusedSince) found.unused.push({ ...object, ...payment });
      } else if (object.modifiedAt <= leftSince) {
        (payment === 'unknown' ? found.strangers : found.leftOvers).push({ ...object, hash });
      }
    }
  });
  const { count, bytes } = sounds;
  const unused = await described(holdings, found.unused, sounds);
  return { ...found, unused, unasked, seq, stored: { count, bytes } };
}

type Found = { [K in 'unused' | 'leftOvers' | 'strangers']: Survey[K][number][] };
type Payment = Pick<UnusedSound, 'hash' | 'key' | 'seq' | 'claim' | 'lane' | 'lastUsedAt'>;

/** The payment that a sound's audio belongs to. `under way` means that none of the sound's audio may be touched. */
async function paymentOf(
  { log }: Holdings,
  { hash, sound, archived }: { hash: string; sound: StoredSound; archived: ArchivedUses },
): Promise<Payment | 'freed' | 'unknown' | 'under way'> {
  const last = await log.last(subjects.sound(hash));
  const state = soundState(last);
  switch (state.kind) {
    case 'unknown':
      return 'unknown';
    // An event that only a newer version can read does not make the audio a stranger's.
    case 'unreadable':
    case 'claimed':
      return 'under way';
    case 'freed':
      // A payment stays in force when recording its sound again failed.
      return state.standing !== undefined || mayHaveLeftAudio(state) ? 'under way' : 'freed';
    case 'paid': {
      const { object, lane } = state.paid;
      const claim = lastClaimOf(state);
      const { seq } = state;
      const elsewhereAt = seq <= archived.upToSeq ? archived.lastAt : 0;
      const lastUsedAt = Math.max(last?.time.getTime() ?? 0, sound.lastUsedAt, elsewhereAt);
      return { hash, key: object, seq, claim, lane, lastUsedAt };
    }
    default:
      return state satisfies never;
  }
}

/** The sounds sorted by last use, oldest first, each with the details of that use. */
async function described(
  holdings: Holdings,
  unused: readonly UnusedSound[],
  sounds: StoredSounds,
): Promise<UnusedSound[]> {
  const providers = new Map<string, Provider>();
  const sorted = unused.toSorted((a, b) => a.lastUsedAt - b.lastUsedAt);
  await inParallel(sorted.entries(), LOOKUPS_AT_ONCE, async ([at, sound]) => {
    sorted[at] = await withLastUse(holdings, sound, sounds.get(sound.hash), providers);
  });
  return sorted;
}

async function withLastUse(
  { log }: Holdings,
  sound: UnusedSound,
  stored: StoredSound | undefined,
  providers: Map<string, Provider>,
): Promise<UnusedSound> {
  if (!stored?.lastUseSeq) return sound;
  const used = await log.first(subjects.ofAllSets(), stored.lastUseSeq);
  if (used?.event?.name !== 'ItemCompleted' || used.event.setId === undefined) return sound;
  const { setId: set, data } = used.event;
  const known = providers.get(set) ?? (await acceptanceOf(log, set))?.data.provider;
  if (known === undefined) return sound;
  providers.set(set, known);
  const billedCharacters = Math.max(data.billedCharacters, data.sparedCharacters);
  return { ...sound, lastUse: { set, file: data.file, provider: known, billedCharacters } };
}
