/** What the address of a mail server has to be, be it in a variable or in the channels file. */

export const SMTP_URL_FORM =
  'smtp://user:password@host:587 or smtps://host, without a path, user and password percent-encoded (/ is %2F)';

/** Whether that is one. A slash of a password would end the host: what stands before it would be taken for that. */
export function isSmtpUrl(text: string): boolean {
  if (!/^smtps?:\/\/./i.test(text) || !URL.canParse(text)) return false;
  const { host, pathname, hash } = new URL(text);
  return host !== '' && ['', '/'].includes(pathname) && hash === '';
}
