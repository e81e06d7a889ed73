/** Amounts of money as people write them in set files, options and settings. */

/** How an amount is written, for remedies and help. */
export const AMOUNT_FORM = 'digits, with at most 12 after a decimal point, such as 2.50';

/** Whether a text is an amount of US dollars from 0 up: then `parseUsd` of `@setlist/polly` reads it. */
export const isAmount = (text: string): boolean => /^\d{1,12}(?:\.\d{1,12})?$/.test(text);
