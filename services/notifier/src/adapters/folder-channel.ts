/** Writes every message to a folder, for machines without a mail server: as a mail, and as an HTML page. */
import { join } from 'node:path';
import { writeWhole } from '@setlist/storage';
import { createTransport } from 'nodemailer';
import type { Channel } from '../domain/channel.ts';
import { type MailAddresses, type MailWording, mailOf, messageId } from './mail.ts';

export interface FolderChannelOptions extends MailAddresses {
  readonly name: string;
  readonly wording: MailWording;
  /** Created when the first message is written. */
  readonly folder: string;
}

/**
 * Writes `<set>.<kind>….eml`, which mail programs open, and the same name with `.html`. The names derive from the
 * event, so a repeat replaces its own files. Each file appears whole.
 */
export function folderChannel({ name, wording, folder, from, to }: FolderChannelOptions): Channel {
  const composer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  return {
    name,
    recipient: folder,
    async deliver(notice) {
      const written = wording(notice.letter);
      const { message } = await composer.sendMail(mailOf(notice, written, { from, to }));
      try {
        await writeWhole(join(folder, `${notice.key}.html`), written.html);
        await writeWhole(join(folder, `${notice.key}.eml`), message as Buffer);
      } catch (error) {
        const { code = 'unknown', message: problem } = error as NodeJS.ErrnoException;
        const remedy = 'Check that the folder can be written to and that its disk is not full.';
        return { kind: 'down', reason: { code: `folder-${code.toLowerCase()}`, message: problem, remedy } };
      }
      return { kind: 'sent', messageId: messageId(notice) };
    },
  };
}
