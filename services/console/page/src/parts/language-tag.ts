/** Languages as browsers and screen readers know them. */

/** Polly's codes that they don't know. */
const TAGS: Readonly<Record<string, string>> = { arb: 'ar', 'cmn-CN': 'zh-CN', 'en-GB-WLS': 'en-GB' };

/** The tag of a language for the attribute `lang`, by Polly's code. */
export const languageTag = (code: string | undefined): string | undefined => code && (TAGS[code] ?? code);
