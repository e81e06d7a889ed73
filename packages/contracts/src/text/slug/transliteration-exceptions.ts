/**
 * Where text-unidecode (Python, the table behind the reference's file names) and npm's unidecode disagree, found by
 * comparing both over every code point. npm's port omits whole blocks and keeps Perl's `\@` and `\\` escapes.
 */

/** Each replacement, with the code points that it replaces: hexadecimal, single or `first-last`. */
export const TRANSLITERATION_EXCEPTIONS: readonly (readonly [replacement: string, codePoints: string])[] = [
  ['', '0080 0082-008c 008e 0091-009c 009e-009f 02e5-02eb fdf0-fdfb'],
  ['$?', '00a4'],
  [
    '@',
    `018f 01dd 0259-025a 0298 02da 04d8-04db 05b0 0629 06c3 06dd 0747-0748 2808 3012 3020 3036 fe6b
    ff20`,
  ],
  ['\\', '02cb 02ce 2196 2198 21b8 21d6 21d8 21f1-21f2 2572 2833 fe68 ff3c'],
  [
    '[?]',
    `02ef-02fe 03f4-03f9 03fc-03fe 0af0-0af1 0af9 13f5 13f8-13fd 1900-1dff 1efa-1efe 25f8-25fe
    fdfc-fdfd`,
  ],
  [
    '[?] ',
    `02ff 03ff 04ff 05ff 06ff 07ff-08ff 09ff 0aff 0bff 0cff 0dff 0eff 0fff 10ff 11ff 13ff 16ff 17ff
    18ff 1eff 1fff 20ff 21ff 22ff 23ff 24ff 25ff 26ff 27ff 2900-2dff 2eff 2fff 30ff 31ff 32ff
    33ff-4cff 4dff 9fff a4ff-abff d7ff-f8ff faff fdff`,
  ],
  ['{', '070b 300e fe37 fe43 fe5b fe5d ff5b fff9'],
  ['}', '070c fe44 fe5c fe5e ff5d fffb'],
  [' \\o\\ ', '0fc2'],
  [' @ ', '1800'],
  ['\n', '2028'],
  ['\n\n', '2029'],
  ['#', '25f4-25f7'],
  ['$', '282b fe69 ff04'],
  ['} ', '300f fe38'],
];
