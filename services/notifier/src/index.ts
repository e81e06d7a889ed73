/** The only one that speaks to people: what happened to their sets, once each, by every channel. */

export { ChannelsError } from './channels/channels-error.ts';
export { channelTraits } from './channels/configured-channels.ts';
export { config as notifierConfig, type NotifierConfig } from './config.ts';
export type { Channel, Notice, Outcome } from './domain/channel.ts';
export { type Choosable, channelsFor } from './domain/choose-channels.ts';
export type { Letter, Message } from './domain/messages/letter.ts';
export { isNotable, type NotableEvent, type NoticeKind } from './domain/notice-kind.ts';
export {
  createNotifier,
  type Notifier,
  type NotifierDeps,
  startNotifier,
  usableChannels,
} from './service.ts';
export { TemplatesError } from './templating/templates.ts';
