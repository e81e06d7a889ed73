/** Messages to a chat by the address that it gives for them: Slack, Microsoft Teams, Discord, each in its own format. */
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
  /** A secret: whoever knows it can write there. */
  readonly url: URL;
}

/** A chat knows no repeats: what was posted in the moment of a crash is posted again. */
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

/** Path and query are what makes such an address a secret. */
export const maskedUrl = (url: URL): string => `${url.protocol}//${url.host}/***`;
