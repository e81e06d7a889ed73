/** The only one that speaks to people: what happened to their sets, once each, by every channel. */

export { ChannelsError } from './channels/channels-error.ts';
export { channelNames } from './channels/configured-channels.ts';
export { config as notifierConfig, type NotifierConfig } from './config.ts';
export type { Channel, Notice, Outcome } from './domain/channel.ts';
export type { Letter, Message } from './domain/messages/letter.ts';
export type { NotableEvent, NoticeKind } from './domain/notice-kind.ts';
export { createNotifier, type Notifier, type NotifierDeps, startNotifier } from './service.ts';
export { TemplatesError } from './templating/templates.ts';
