/** The form of a mail server's address, in a variable or in the channels file. */

export const SMTP_URL_FORM =
  'smtp://user:password@host:587 or smtps://host, without a path, user and password percent-encoded (/ is %2F)';

/** Whether the text has that form. An unencoded slash in a password would end the host, and misread it. */
export function isSmtpUrl(text: string): boolean {
  if (!/^smtps?:\/\/./i.test(text) || !URL.canParse(text)) return false;
  const { host, pathname, hash } = new URL(text);
  return host !== '' && ['', '/'].includes(pathname) && hash === '';
}
