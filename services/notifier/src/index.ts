/** The only service that notifies people: what happened to their sets, once each, by every channel. */

export { channelTraits } from './channels/configured-channels.ts';
export { type NotifierConfig, notifierConfig } from './config.ts';
export type { Channel, Outcome } from './domain/channel.ts';
export { type Choosable, channelsFor } from './domain/choose-channels.ts';
export { isNotable } from './domain/notice-kind.ts';
export { createNotifier, type NotifierDeps, usableChannels } from './service.ts';
