/** Checks what only parts of Setlist need: credentials for Amazon Polly, channels for messages. Calls no service. */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { usableChannels } from '@setlist/notifier';
import { type Environment, hasContainerRole, messageOf, orGone } from '@setlist/runtime';
import { loadSharedConfigFiles } from '@smithy/core/config';
import { explain } from '../failure.ts';
import type { DataFolder } from '../system/folder/data-folder.ts';
import { notifierSettings } from '../system/service-settings.ts';
import type { Finding } from './finding.ts';

export const HOW_TO_GIVE_CREDENTIALS = '"aws configure", or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY';

/**
 * Looks where the SDK's default chain looks, in the same order, except at the metadata service of EC2, which would need
 * a call: https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
 */
export async function checkCredentials(env: Environment): Promise<Finding> {
  const about = 'AWS credentials';
  const remedy = `Needed only with --provider polly: ${HOW_TO_GIVE_CREDENTIALS}.`;
  try {
    const source = sourceInEnvironment(env) ?? (await sourceInProfiles(env));
    if (source !== undefined) {
      return { level: 'ok', about, found: `${source}; not tested; used only with --provider polly` };
    }
  } catch (error) {
    return { level: 'warning', about, found: messageOf(error), remedy };
  }
  const found = 'none found (the EC2 metadata service was not asked)';
  return { level: 'warning', about, found, remedy };
}

function sourceInEnvironment(env: Environment): string | undefined {
  if (env.AWS_ACCESS_KEY_ID && env.AWS_SECRET_ACCESS_KEY && !env.AWS_PROFILE) return 'in the environment';
  if (env.AWS_WEB_IDENTITY_TOKEN_FILE && env.AWS_ROLE_ARN) return 'a web identity token';
  if (hasContainerRole(env)) return 'those of the container';
  return undefined;
}

/** The keys by which a profile says where its credentials come from. */
const SOURCES = [
  'aws_access_key_id',
  'role_arn',
  'credential_process',
  'credential_source',
  'sso_session',
  'sso_start_url',
  'login_session',
];

async function sourceInProfiles(env: Environment): Promise<string | undefined> {
  const profile = env.AWS_PROFILE || 'default';
  const folder = join(env.HOME ?? homedir(), '.aws');
  const filepath = env.AWS_SHARED_CREDENTIALS_FILE ?? join(folder, 'credentials');
  const configFilepath = env.AWS_CONFIG_FILE ?? join(folder, 'config');
  // The SDK treats a file that it can't read as empty.
  for (const path of [filepath, configFilepath]) await requireReadable(path);
  const files = { filepath, configFilepath, ignoreCache: true };
  const { credentialsFile, configFile } = await loadSharedConfigFiles(files);
  const isSource = (section = {}) => SOURCES.some((key) => key in section);
  if (isSource(credentialsFile[profile])) return `profile ${profile} in ${filepath}`;
  if (isSource(configFile[profile])) return `profile ${profile} in ${configFilepath}`;
  return undefined;
}

async function requireReadable(path: string): Promise<void> {
  try {
    await orGone(readFile(path));
  } catch (error) {
    throw new Error(`${path} can't be read (${messageOf(error)})`, { cause: error });
  }
}

/** Which channels messages would go by, or what is wrong with the channels and templates. */
export function checkMessages(env: Environment, data: DataFolder): Finding {
  const about = 'messages';
  try {
    const names = usableChannels(notifierSettings(data, env), env).map(({ name }) => name);
    if (env.SMTP_URL || env.MAIL_FOLDER || env.CHANNELS_FILE) {
      return { level: 'ok', about, found: `messages go by ${names.join(', ')}; not tested` };
    }
  } catch (error) {
    const { message, remedy } = explain(error);
    const [found = '', ...faults] = message.split('\n');
    return { level: 'missing', about, found, remedy: [...faults, remedy ?? []].flat().join('\n') };
  }
  return {
    level: 'warning',
    about,
    found: `no mail server; messages are written to ${data.mail}`,
    remedy:
      'To send them, set SMTP_URL (smtp://user:password@host:587) and MAIL_TO, or CHANNELS_FILE: see docs/messages.md.',
  };
}
