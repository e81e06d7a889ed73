/** Messages to a chat's webhook address: Slack, Microsoft Teams and Discord, each in its own format. */
import type { Channel } from '../domain/channel.ts';
import { discordMessage } from '../domain/chat/discord-message.ts';
import { slackMessage } from '../domain/chat/slack-message.ts';
import { teamsMessage } from '../domain/chat/teams-message.ts';
import type { Letter } from '../domain/messages/letter.ts';
import { type Asked, outcomeOf, outcomeOfFailure } from './http/outcome-of.ts';
import { type PostOptions, postJson } from './http/post.ts';

type Chat = 'slack' | 'teams' | 'discord';

const FORMATS: Readonly<Record<Chat, (letter: Letter) => object>> = {
  slack: slackMessage,
  teams: teamsMessage,
  discord: discordMessage,
};

export interface ChatChannelOptions extends PostOptions {
  readonly name: string;
  readonly chat: Chat;
  /** A secret: anyone who knows it can post there. */
  readonly url: URL;
}

/** A chat can't recognize repeats: a message posted just before a crash is posted again. */
export function chatChannel({ name, chat, url, ...options }: ChatChannelOptions): Channel {
  const asked: Asked = { kind: 'chat', url };
  return {
    name,
    recipient: maskedUrl(url),
    async deliver({ letter }) {
      const body = JSON.stringify(FORMATS[chat](letter));
      try {
        return outcomeOf(await postJson({ url, body }, options), asked, new Date());
      } catch (error) {
        return outcomeOfFailure(error, asked);
      }
    },
  };
}

/** The secret part of such an address is its path and query. */
export const maskedUrl = (url: URL): string => `${url.protocol}//${url.host}/***`;
