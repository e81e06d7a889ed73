/** Sends real mail with the notifier's client, to check that the server keeps, refuses and stops as documented. */
import { createTransport } from 'nodemailer';
import { expect, it } from 'vitest';
import { startSmtp } from '../src/index.ts';

const MAIL = {
  from: 'setlist@example.org',
  to: 'Jürgen <j@example.org>',
  subject: 'Übung fertig',
  text: 'Drei 🎧',
};

it('keeps a mail exactly as sent', async () => {
  await using server = await startSmtp();
  await createTransport(server.url).sendMail({ ...MAIL, messageId: '<one@setlist>' });
  const [mail] = await server.waitFor(1);
  expect(mail).toMatchObject({ subject: MAIL.subject, messageId: '<one@setlist>' });
  expect(mail?.text?.trim()).toBe(MAIL.text);
});

it('refuses as many mails as told, with the given reply, and keeps none of them', async () => {
  await using server = await startSmtp();
  const client = createTransport(server.url);
  server.failNext(1);
  server.failNext(1, { code: 550, text: 'No such user' });
  await expect(client.sendMail(MAIL)).rejects.toMatchObject({ responseCode: 451 });
  await expect(client.sendMail(MAIL)).rejects.toMatchObject({ responseCode: 550, response: /No such user/ });
  await client.sendMail(MAIL);
  expect(server.mails).toHaveLength(1);
  expect(server.refused).toBe(2);
});

it('says how many mails came when the deadline passes', async () => {
  await using server = await startSmtp();
  await createTransport(server.url).sendMail(MAIL);
  await expect(server.waitFor(2, 30)).rejects.toThrow('1 of 2 mails arrived');
});

it('is gone once disposed, pooled connections or not', async () => {
  const server = await startSmtp();
  const client = createTransport(`${server.url}?pool=true`);
  await client.sendMail(MAIL);
  await server[Symbol.asyncDispose]();
  await expect(createTransport(server.url).sendMail(MAIL)).rejects.toMatchObject({ code: 'ESOCKET' });
  client.close();
});
