/** The configured channels: mail and folder by their own variables, any number of any kind by a file. */
import type { Environment } from '@setlist/runtime';
import { folderChannel } from '../adapters/folder-channel.ts';
import { smtpChannel } from '../adapters/smtp-channel.ts';
import type { NotifierConfig } from '../config.ts';
import type { Channel } from '../domain/channel.ts';
import type { Choosable } from '../domain/choose-channels.ts';
import { channelsFaults } from './channels-faults.ts';
import { type ChannelMaking, makeChannel, traitsOf } from './make-channel.ts';
import { type ChannelsFile, readChannelsFile } from './read-channels-file.ts';

export interface ChannelContext extends Pick<ChannelMaking, 'wording' | 'manifests'> {
  /** For secrets that CHANNELS_FILE refers to by `{env: NAME}`. */
  readonly env: Environment;
}

/** @throws Faults naming every fault; the file system's error if CHANNELS_FILE can't be read */
export function configuredChannels(settings: NotifierConfig, context: ChannelContext): Channel[] {
  const file =
    settings.CHANNELS_FILE === undefined ? undefined : readChannelsFile(settings.CHANNELS_FILE, context.env);
  const making: ChannelMaking = {
    ...context,
    mailFrom: settings.MAIL_FROM,
    smtpTimeoutMs: settings.SMTP_TIMEOUT,
    post: {
      timeoutMs: settings.WEBHOOK_TIMEOUT,
      networks: settings.WEBHOOK_NETWORKS,
      plainHttp: settings.WEBHOOK_HTTP,
    },
  };
  const channels = [...channelsByVariables(settings, making), ...(file ? channelsOf(file, making) : [])];
  if (file) file.faults.push(...faultsAmong(channels, file));
  if (file && file.faults.length > 0) throw channelsFaults(file.faults);
  return channels;
}

/**
 * The same channels, as sets name them in `notify` and as they are chosen, without opening any.
 *
 * @throws Faults if CHANNELS_FILE can't be understood; the file system's error if it can't be read
 */
export function channelTraits(
  settings: Pick<NotifierConfig, 'SMTP_URL' | 'MAIL_FOLDER' | 'CHANNELS_FILE'>,
): Choosable[] {
  const file =
    settings.CHANNELS_FILE === undefined ? undefined : readChannelsFile(settings.CHANNELS_FILE, {});
  if (file && file.faults.length > 0) throw channelsFaults(file.faults);
  return [
    ...(settings.SMTP_URL === undefined ? [] : [{ name: 'mail' }]),
    ...(settings.MAIL_FOLDER === undefined ? [] : [{ name: 'folder' }]),
    ...(file?.entries.map(([name, entry]) => ({ name, ...traitsOf(entry) })) ?? []),
  ];
}

function channelsByVariables(settings: NotifierConfig, { wording, manifests }: ChannelMaking): Channel[] {
  const { SMTP_URL: url, SMTP_TIMEOUT: timeoutMs, MAIL_FROM: from, MAIL_TO: to = [], MAIL_FOLDER } = settings;
  const common = { wording, from, to };
  return [
    ...(url === undefined ? [] : [smtpChannel({ name: 'mail', url, timeoutMs, manifests, ...common })]),
    ...(MAIL_FOLDER === undefined ? [] : [folderChannel({ name: 'folder', folder: MAIL_FOLDER, ...common })]),
  ];
}

const channelsOf = (file: ChannelsFile, making: ChannelMaking): Channel[] =>
  file.entries.flatMap(([name, entry]) => makeChannel(name, entry, file, making) ?? []);

function faultsAmong(channels: readonly Channel[], file: ChannelsFile) {
  const names = channels.map(({ name }) => name);
  const doubled = names.filter((name, at) => names.indexOf(name) !== at);
  const faults = doubled.map((name) => ({
    where: file.where(['channels', name]),
    problem: `${name} already exists, by ${name === 'mail' ? 'SMTP_URL' : 'MAIL_FOLDER'}; give this one another name`,
  }));
  if (channels.some(({ byDefault = true }) => byDefault)) return faults;
  // Where entries have faults, these are why there is no channel.
  if (channels.length === 0 && file.faults.length > 0) return faults;
  const problem =
    channels.length === 0
      ? 'there is no channel, so nobody could be notified'
      : 'there is no default channel, so nobody would hear of a set that names none';
  return [...faults, { where: file.where(['channels']), problem }];
}
