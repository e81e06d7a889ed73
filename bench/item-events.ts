/** The events of an item's life as the product appends them, for measuring the broker without the product. */
import { createHash, randomBytes } from 'node:crypto';
import { type EventOf, newEvent, runId, setId, soundHash } from '@setlist/contracts';
import { completedData, requestedData, soundOf } from '@setlist/testkit';

const LANE = 'standard';
const AUDIO_BYTES = 2_400;

export interface ItemEvents {
  readonly hash: string;
  readonly requested: EventOf<'ItemRequested'>;
  readonly claimed: EventOf<'SoundClaimed'>;
  readonly paid: EventOf<'SoundPaid'>;
  readonly completed: EventOf<'ItemCompleted'>;
}

/** The four events of one item of the named set, with a sound unique to its index. */
export function itemEvents(set: string, index: number): ItemEvents {
  const now = new Date();
  const sound = soundOf({ engine: LANE, sampleRate: 22_050, text: `Item ${index} of ${set}.` });
  const hash = soundHash(sound);
  const item = { index, attempt: 1, lane: LANE, file: `${set}/item-${index}.mp3`, hash } as const;
  const billedCharacters = sound.text.length;
  const step = { hash, claim: 1, by: 'dispatcher-00000000', for: { set, index, attempt: 1 } };
  const sha256 = createHash('sha256').update(hash).digest('hex');
  const ofSet = { now, setId: set, correlationId: set };
  const requested = newEvent('ItemRequested', requestedData({ ...item, sound, billedCharacters }), {
    ...ofSet,
    source: 'ingest',
    causationId: `${set}/accepted`,
  });
  const ofSound = { source: 'dispatcher', now, correlationId: set, causationId: requested.id } as const;
  const until = new Date(now.getTime() + 35_000).toISOString();
  const claim = { ...step, until, operation: 'synthesize', expired: 0, because: 'new' } as const;
  const audio = { bytes: AUDIO_BYTES, sha256, durationMs: 300 };
  const payment = { ...step, ...audio, how: 'synthesized', lane: LANE, billedCharacters } as const;
  const kept = { object: `audio/${hash}.mp3`, contentType: 'audio/mpeg', requestId: sha256.slice(0, 36) };
  const outcome = completedData({ ...item, ...audio, billedCharacters });
  return {
    hash,
    requested,
    claimed: newEvent('SoundClaimed', claim, ofSound),
    paid: newEvent('SoundPaid', { ...payment, ...kept }, ofSound),
    completed: newEvent('ItemCompleted', outcome, {
      ...ofSet,
      source: 'dispatcher',
      causationId: requested.id,
    }),
  };
}

/** A set id as for a drop at this moment. */
export const freshSetId = (name: string): string => setId(name, runId(new Date(), randomBytes(6)));
