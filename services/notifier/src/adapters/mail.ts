/** A notice as an Internet mail, the same bytes' worth each time it is made: id, date and words follow from the event. */
import { domainToASCII } from 'node:url';
import { maskEmail } from '@setlist/runtime';
import type { SendMailOptions } from 'nodemailer';
import type { Notice } from '../domain/channel.ts';
import type { Letter, Message } from '../domain/messages/letter.ts';

export interface MailAddresses {
  readonly from: string;
  readonly to: readonly string[];
}

/** Makes a letter a mail. */
export type MailWording = (letter: Letter) => Message;

/** A valid Message-ID (RFC 5322, dot-atoms on both sides) by which servers and readers can tell a repeat. */
export const messageId = ({ key }: Notice): string => `<${key}@setlist>`;

export function mailOf(notice: Notice, message: Message, { from, to }: MailAddresses): SendMailOptions {
  const { event, storedAt } = notice;
  return {
    from,
    to: [...to],
    date: storedAt,
    messageId: messageId(notice),
    // Mails of one set stand together in a mail program.
    references: `<${event.setId}@setlist>`,
    // RFC 3834: absence notes and the like are not to answer.
    headers: { 'Auto-Submitted': 'auto-generated' },
    ...message,
  };
}

const ADDRESS = /[^\s<>"'(),:;]+@[^\s<>"'(),:;]+/g;

/** `Jane <jane@Bücher.example>` → `jane@xn--bcher-kva.example`: one form for each address, as it goes to mail servers. */
export function bareAddress(mailbox: string): string {
  const address = /<([^<>]+)>\s*$/.exec(mailbox)?.[1] ?? mailbox.trim();
  const domainAt = address.lastIndexOf('@') + 1;
  const domain = address.slice(domainAt);
  // What is no host name, such as an address literal, is left as it is.
  return address.slice(0, domainAt) + (domainToASCII(domain) || domain);
}

export const maskedList = (mailboxes: readonly string[]): string =>
  mailboxes.map((mailbox) => maskEmail(bareAddress(mailbox))).join(', ');

/** A mail server's answer, which likes to name the recipient, without people's addresses. */
export const withoutAddresses = (text: string): string =>
  text.replace(ADDRESS, (address) => maskEmail(address));
