/** Which channels a notice goes to. */
import type { Channel } from './channel.ts';
import { kindOf, type NotableEvent, type NoticeKind } from './notice-kind.ts';

/** The properties by which a channel is chosen. */
export type Choosable = Pick<Channel, 'name' | 'notices' | 'byDefault'>;

export interface Choice<C> {
  readonly chosen: readonly C[];
  /** Wanted names without a channel. */
  readonly unknown: readonly string[];
}

/**
 * The channels that the set names, or the default ones if it names none that exists, so that somebody is notified; of
 * these, the ones for notices of this kind.
 */
export function chooseChannels<C extends Choosable>(
  { wanted, kind }: { readonly wanted: readonly string[]; readonly kind: NoticeKind },
  channels: readonly C[],
): Choice<C> {
  const named = channels.filter(({ name }) => wanted.includes(name));
  const used = named.length > 0 ? named : channels.filter(({ byDefault = true }) => byDefault);
  return {
    chosen: used.filter(({ notices }) => notices === undefined || notices.includes(kind)),
    unknown: wanted.filter((want) => !channels.some(({ name }) => name === want)),
  };
}

/** The channels that announce an event. */
export function channelsFor<C extends Choosable>(event: NotableEvent, channels: readonly C[]): Choice<C> {
  const wanted = event.name === 'SetRejected' ? event.data.notify : event.data.set.notify;
  return chooseChannels({ wanted, kind: kindOf(event) }, channels);
}
