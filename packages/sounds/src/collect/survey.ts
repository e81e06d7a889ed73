/** Finds what of the stored audio could go: sounds that no set has used for long, and what crashes have left. */
import { type Provider, subjects } from '@setlist/contracts';
import { acceptanceOf, type EventLog } from '@setlist/eventlog';
import type { Engine } from '@setlist/polly';
import { inParallel } from '@setlist/runtime';
import type { ObjectStore } from '@setlist/storage';
import { lastClaimOf, soundState } from '../domain/sound-life.ts';
import { audioOf, type StoredAudio, type StoredSound, StoredSounds } from './stored-sounds.ts';
import { type ArchivedUses, archivedUses, markUses, markWanted } from './uses.ts';

/** A system's sounds: what is said of them, and their audio. */
export interface Holdings {
  readonly log: Pick<EventLog, 'append' | 'last' | 'first' | 'read' | 'head' | 'extent' | 'clock'>;
  /** Where canonical audio is kept. */
  readonly store: ObjectStore;
}

/** A paid sound that no set has used for as long as was asked for. */
export interface UnusedSound extends StoredAudio {
  readonly hash: string;
  /** Of its payment: it may go as long as nothing more is said of it. */
  readonly seq: number;
  readonly claim: number;
  readonly lane: Engine;
  /**
   * Ms since 1970: its last use, or where no set ever used it, its payment or adoption; the time of the newest archive
   * where what it was used for may be in there.
   */
  readonly lastUsedAt: number;
  /** Nothing where no set of this log ever used it. */
  readonly lastUse?: {
    readonly set: string;
    readonly file: string;
    readonly provider: Provider;
    /** What making it again would bill. */
    readonly billedCharacters: number;
  };
}

/** Audio that the ledger does not point to, although it knows the sound: replaced by other audio, freed, or put to try the store. */
export interface LeftOver extends StoredAudio {
  readonly hash: string;
}

export interface Survey {
  /** How far the log went when it was read. */
  readonly seq: number;
  readonly stored: { readonly count: number; readonly bytes: number };
  /** The longest unused first. */
  readonly unused: readonly UnusedSound[];
  /** Accepted sets that may want any of those: ingest has not asked for all their items yet. */
  readonly unasked: readonly string[];
  readonly leftOvers: readonly LeftOver[];
  /** Audio under such names of which this ledger knows nothing: another system's, or older than its log. */
  readonly strangers: readonly LeftOver[];
}

export interface SurveyTerms {
  /** No set has used it for so long, in ms. */
  readonly unusedForMs: number;
  /** What is younger may be somebody's work under way, in ms. */
  readonly leftOverAfterMs: number;
}

const LOOKUPS_AT_ONCE = 64;

/** Looks, and changes nothing. Memory grows with the audio that is old enough, not with the log. */
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
    // Most sounds, in most stores: nothing of them can go, and the ledger need not be asked.
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

/** The payment that a sound's audio stands for; nothing of a sound that somebody has claimed may be touched. */
async function paymentOf(
  { log }: Holdings,
  { hash, sound, archived }: { hash: string; sound: StoredSound; archived: ArchivedUses },
): Promise<Payment | 'freed' | 'unknown' | 'under way'> {
  const last = await log.last(subjects.sound(hash));
  const state = soundState(last);
  switch (state.kind) {
    case 'unknown':
      return 'unknown';
    // A word that only a newer version understands is no reason to take the audio for a stranger's.
    case 'unreadable':
    case 'claimed':
      return 'under way';
    case 'freed':
      // A payment goes on standing when recording its sound afresh came to nothing.
      return state.standing === undefined ? 'freed' : 'under way';
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

/** The longest unused first, each with what its last use tells of it. */
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
