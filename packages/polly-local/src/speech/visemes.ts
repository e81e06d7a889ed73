/** The viseme (shape of the mouth) of a phoneme, by Polly's names. */

/** By the phoneme's IPA, without stress and length ([Polly's phoneme tables](https://docs.aws.amazon.com/polly/latest/dg/ref-phoneme-tables-shell.html)). */
const VISEMES: Readonly<Record<string, readonly string[]>> = {
  p: ['p', 'b', 'm'],
  t: ['t', 'd', 'n', 'ɾ', 'l', 'ɫ', 'ʈ', 'ɖ', 'ɳ', 'ɭ'],
  s: ['s', 'z', 'ts'],
  S: ['ʃ', 'ʒ', 'tʃ', 'dʒ', 'ɕ', 'ʑ', 'tɕ', 'ʂ', 'ʐ'],
  T: ['θ', 'ð'],
  f: ['f', 'v', 'ʋ'],
  k: ['k', 'ɡ', 'g', 'ŋ', 'h', 'x', 'χ', 'ɣ', 'ç', 'ʁ', 'ʔ', 'ɲ'],
  r: ['r', 'ɹ', 'ɻ', 'ʀ'],
  i: ['i', 'ɪ', 'j', 'y', 'ʏ', 'ɨ', 'ᵻ'],
  u: ['u', 'ʊ', 'w', 'ʉ', 'ɯ'],
  '@': ['ə', 'ɚ', 'ɐ'],
  a: ['a', 'ɑ', 'æ', 'ä'],
  E: ['ɛ', 'ɜ', 'ʌ', 'œ'],
  e: ['e', 'ø'],
  o: ['o'],
  O: ['ɔ', 'ɒ'],
};
const BY_PHONEME = new Map(
  Object.entries(VISEMES).flatMap(([viseme, phonemes]) => phonemes.map((p) => [p, viseme])),
);

/** @param ipa as espeak reports it; empty for silence. A diphthong has the viseme of its beginning. */
export function visemeOf(ipa: string): string {
  const bare = ipa.replace(/[ˈˌː.]/g, '');
  if (bare === '') return 'sil';
  return BY_PHONEME.get(bare) ?? BY_PHONEME.get(bare.charAt(0)) ?? '@';
}
