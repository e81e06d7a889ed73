/** npm's unidecode ships no types. */
declare module 'unidecode' {
  /** ASCII for each character of the text, after Perl's Text::Unidecode. */
  export default function unidecode(text: string): string;
}
