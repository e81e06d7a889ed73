/** Makes a channel from its entry in the channels file. */
import { chatChannel } from '../adapters/chat-channel.ts';
import { folderChannel } from '../adapters/folder-channel.ts';
import type { PostOptions } from '../adapters/http/post.ts';
import { requireAllowed, TargetNotAllowed } from '../adapters/http/target-policy.ts';
import type { MailWording } from '../adapters/mail.ts';
import { smtpChannel } from '../adapters/smtp-channel.ts';
import { isSmtpUrl, SMTP_URL_FORM } from '../adapters/smtp-url.ts';
import { snsChannel } from '../adapters/sns-channel.ts';
import { secretFault, webhookChannel } from '../adapters/webhook-channel.ts';
import type { Channel } from '../domain/channel.ts';
import type { Manifests } from '../manifests.ts';
import type { ChannelEntry } from './channel-schema.ts';
import type { ChannelsFile, Path } from './read-channels-file.ts';

export interface ChannelMaking {
  readonly wording: MailWording;
  readonly manifests: Manifests;
  readonly mailFrom: string;
  readonly smtpTimeoutMs: number;
  readonly post: PostOptions;
}

/** Undefined where the entry has a fault, which is then added to the file's faults. */
export function makeChannel(
  name: string,
  entry: ChannelEntry,
  file: ChannelsFile,
  making: ChannelMaking,
): Channel | undefined {
  const channel = channelOf(name, entry, file, making);
  return (
    channel && {
      ...channel,
      ...traitsOf(entry),
      ...(entry.rate === undefined ? {} : { perSecond: entry.rate }),
    }
  );
}

/** The properties by which a channel is chosen. */
export const traitsOf = ({
  default: byDefault,
  notices,
}: ChannelEntry): Pick<Channel, 'byDefault' | 'notices'> => ({
  byDefault,
  ...(notices === undefined ? {} : { notices }),
});

function channelOf(
  name: string,
  entry: ChannelEntry,
  file: ChannelsFile,
  making: ChannelMaking,
): Channel | undefined {
  const path: Path = ['channels', name];
  switch (entry.kind) {
    case 'mail':
      return mailChannel(name, entry, file, making);
    case 'folder': {
      const { from = making.mailFrom, to } = entry;
      return folderChannel({ name, wording: making.wording, folder: file.pathAt(entry.path), from, to });
    }
    case 'sns':
      return snsChannel({
        name,
        topic: entry.topic,
        endpoint: entry.endpoint,
        timeoutMs: making.post.timeoutMs,
      });
    case 'webhook': {
      const url = targetAt(entry.url, [...path, 'url'], file, making);
      const secrets = entry.secrets.map((secret, at) => secretAt(secret, [...path, 'secrets', at], file));
      const whole = secrets.filter((secret) => secret !== undefined);
      if (url === undefined || whole.length < secrets.length) return undefined;
      return webhookChannel({ name, url, secrets: whole, ...making.post });
    }
    default: {
      const url = targetAt(entry.url, [...path, 'url'], file, making);
      return url && chatChannel({ name, chat: entry.kind, url, ...making.post });
    }
  }
}

function mailChannel(
  name: string,
  entry: Extract<ChannelEntry, { kind: 'mail' }>,
  file: ChannelsFile,
  making: ChannelMaking,
): Channel | undefined {
  const path = ['channels', name, 'url'];
  const url = file.textAt(entry.url, path);
  if (url === undefined) return undefined;
  if (!isSmtpUrl(url)) {
    file.faults.push({ where: file.where(path), problem: `url must be ${SMTP_URL_FORM}` });
    return undefined;
  }
  const { from = making.mailFrom, to, timeout = making.smtpTimeoutMs } = entry;
  const manifests = entry['attach-manifest'] ? making.manifests : undefined;
  return smtpChannel({ name, wording: making.wording, manifests, url, timeoutMs: timeout, from, to });
}

/** Refuses at the start what can be checked then; names are looked up when a message is sent. */
function targetAt(
  reference: Parameters<ChannelsFile['textAt']>[0],
  path: Path,
  file: ChannelsFile,
  { post }: ChannelMaking,
): URL | undefined {
  const text = file.textAt(reference, path);
  if (text === undefined) return undefined;
  const fault = (problem: string): undefined => void file.faults.push({ where: file.where(path), problem });
  if (!URL.canParse(text)) return fault('url is not an address such as https://example.com/hooks/1');
  const url = new URL(text);
  try {
    requireAllowed(url, post);
    return url;
  } catch (error) {
    if (!(error instanceof TargetNotAllowed)) throw error;
    return fault(`url: ${error.message}; WEBHOOK_HTTP and WEBHOOK_NETWORKS allow more`);
  }
}

function secretAt(
  reference: Parameters<ChannelsFile['textAt']>[0],
  path: Path,
  file: ChannelsFile,
): string | undefined {
  const secret = file.textAt(reference, path);
  const problem = secret === undefined ? undefined : secretFault(secret);
  if (problem === undefined) return secret;
  file.faults.push({ where: file.where(path), problem: `secret ${Number(path.at(-1)) + 1} ${problem}` });
  return undefined;
}
