/** Converts phonemes in IPA and X-SAMPA to espeak's own mnemonics, as its `[[…]]` requires. */

/** The X-SAMPA symbols that differ from IPA, longest first where one begins another. */
// biome-ignore format: a table reads best in columns
const X_SAMPA_TO_IPA: readonly (readonly [string, string])[] = [
  ['@`', 'ɚ'], ['3`', 'ɝ'], ['r\\`', 'ɻ'], ['r\\', 'ɹ'], ['l\\', 'ɺ'], ['s\\', 'ɕ'], ['z\\', 'ʑ'], ['j\\', 'ʝ'],
  ['h\\', 'ɦ'], ['p\\', 'ɸ'], ['R\\', 'ʀ'], ['t`', 'ʈ'], ['d`', 'ɖ'], ['n`', 'ɳ'], ['s`', 'ʂ'], ['z`', 'ʐ'],
  ['l`', 'ɭ'], ['r`', 'ɽ'], ['_~', '̃'], ['~', '̃'], ['_=', ''], ['=', ''], ['_h', 'ʰ'], ['_w', 'ʷ'], ['_j', 'ʲ'],
  ["'", 'ʲ'], ['"', 'ˈ'], ['%', 'ˌ'], [':', 'ː'], ['A', 'ɑ'], ['B', 'β'], ['C', 'ç'], ['D', 'ð'], ['E', 'ɛ'],
  ['F', 'ɱ'], ['G', 'ɣ'], ['H', 'ɥ'], ['I', 'ɪ'], ['J', 'ɲ'], ['K', 'ɬ'], ['L', 'ʎ'], ['M', 'ɯ'], ['N', 'ŋ'],
  ['O', 'ɔ'], ['P', 'ʋ'], ['Q', 'ɒ'], ['R', 'ʁ'], ['S', 'ʃ'], ['T', 'θ'], ['U', 'ʊ'], ['V', 'ʌ'], ['W', 'ʍ'],
  ['X', 'χ'], ['Y', 'ʏ'], ['Z', 'ʒ'], ['@', 'ə'], ['{', 'æ'], ['}', 'ʉ'], ['1', 'ɨ'], ['2', 'ø'], ['3', 'ɜ'],
  ['4', 'ɾ'], ['5', 'ɫ'], ['6', 'ɐ'], ['7', 'ɤ'], ['8', 'ɵ'], ['9', 'œ'], ['&', 'ɶ'], ['?', 'ʔ'], ['.', '.'],
];

/** espeak's mnemonics. A letter can mean different sounds in different languages, so only unambiguous ones are used. */
// biome-ignore format: a table reads best in columns
const IPA_TO_ESPEAK: readonly (readonly [string, string])[] = [
  ['tʃ', 'tS'], ['dʒ', 'dZ'], ['t͡ʃ', 'tS'], ['d͡ʒ', 'dZ'], ['ts', 'ts'], ['eɪ', 'eI'], ['aɪ', 'aI'], ['ɔɪ', 'OI'],
  ['aʊ', 'aU'], ['oʊ', 'oU'], ['əʊ', 'oU'], ['ɪə', 'i@'], ['eə', 'e@'], ['ʊə', 'U@'], ['iː', 'i:'], ['uː', 'u:'],
  ['ɑː', 'A:'], ['ɔː', 'O:'], ['ɜː', '3:'], ['yː', 'y:'], ['ɛ̃', 'E~'], ['ɔ̃', 'O~'], ['ɑ̃', 'A~'], ['œ̃', 'W~'],
  ['ɚ', '3'], ['ɝ', '3:'], ['ɑ', 'A:'], ['ɒ', '0'], ['æ', 'a'], ['a', 'a'], ['ʌ', 'V'], ['ə', '@'], ['ɐ', 'a#'],
  ['ɛ', 'E'], ['e', 'e'], ['ɜ', '3:'], ['ɪ', 'I'], ['i', 'i'], ['ɨ', 'i'], ['ɔ', 'O'], ['o', 'o'], ['ʊ', 'U'],
  ['u', 'u'], ['ʉ', 'u'], ['y', 'y'], ['ʏ', 'y'], ['ø', 'Y'], ['œ', 'W'], ['θ', 'T'], ['ð', 'D'], ['ʃ', 'S'],
  ['ʒ', 'Z'], ['ŋ', 'N'], ['ɲ', 'n^'], ['ʎ', 'l^'], ['ɹ', 'r'], ['ɻ', 'r'], ['ɾ', '*'], ['r', 'r'], ['ʁ', 'R'],
  ['ʀ', 'R'], ['x', 'x'], ['χ', 'X'], ['ç', 'C'], ['ɣ', 'Q'], ['ɡ', 'g'], ['g', 'g'], ['β', 'B'], ['ɸ', 'F'],
  ['ʔ', '?'], ['ɫ', 'l'], ['ɬ', 'l'], ['ɱ', 'm'], ['ʍ', 'w'], ['ɕ', 'S;'], ['ʑ', 'Z;'], ['ʂ', 's.'], ['ʐ', 'z.'],
  ['ʈ', 't.'], ['ɖ', 'd.'], ['ɳ', 'n.'], ['ɭ', 'l.'], ['ɽ', '*.'], ['ɦ', 'h'], ['ʋ', 'v#'], ['ɥ', 'w'],
  ['p', 'p'], ['b', 'b'], ['t', 't'], ['d', 'd'], ['k', 'k'], ['f', 'f'], ['v', 'v'], ['s', 's'], ['z', 'z'],
  ['m', 'm'], ['n', 'n'], ['l', 'l'], ['h', 'h'], ['j', 'j'], ['w', 'w'], ['c', 'c'], ['ʲ', ';'],
  ['ˈ', "'"], ['ˌ', ','], ['ː', ':'], ['.', ''], [' ', '_:'],
];

const X_SAMPA = translator(X_SAMPA_TO_IPA, (symbol) => symbol);
const ESPEAK = translator(IPA_TO_ESPEAK, () => '');

/** @param alphabet `ipa` or `x-sampa`; symbols that X-SAMPA shares with IPA stay unchanged. */
export function toIpa(phonemes: string, alphabet: string): string {
  const text = phonemes.normalize('NFC').trim();
  return (alphabet === 'x-sampa' ? X_SAMPA(text) : text).normalize('NFD');
}

/** espeak's mnemonics for IPA; symbols without a sound in espeak are omitted. */
export function toEspeak(ipa: string): string {
  return ESPEAK(ipa.normalize('NFD').replaceAll("'", 'ˈ').replaceAll(':', 'ː'));
}

/** Greedy, longest symbol first. */
function translator(pairs: readonly (readonly [string, string])[], otherwise: (symbol: string) => string) {
  const table = new Map(pairs.map(([from, to]) => [from.normalize('NFD'), to]));
  const longest = Math.max(...[...table.keys()].map((key) => key.length));
  return (text: string): string => {
    let out = '';
    for (let at = 0; at < text.length; ) {
      let length = longest;
      while (length > 1 && !table.has(text.slice(at, at + length))) length--;
      const symbol = text.slice(at, at + length);
      out += table.get(symbol) ?? otherwise(symbol);
      at += length;
    }
    return out;
  };
}
