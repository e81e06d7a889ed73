import { expect, it } from 'vitest';
import { forgetfulStore } from '../storage/document-store.ts';
import { openLexiconStore, type StoredLexicon } from './lexicon-store.ts';

const pls = (alias: string) =>
  `<lexicon version="1.0" alphabet="ipa" xml:lang="en-US" xmlns="http://www.w3.org/2005/01/pronunciation-lexicon">
    <lexeme><grapheme>W3C</grapheme><alias>${alias}</alias></lexeme>
  </lexicon>`;

/** A store whose writes complete when the test says so; `kept` is what a restart would find. */
function slowStore() {
  const kept = new Map<string, StoredLexicon>();
  const writes: { keep(): void; fail(): void }[] = [];
  const put = (name: string, lexicon: StoredLexicon) =>
    new Promise<void>((resolve, reject) => {
      const keep = () => {
        kept.set(name, lexicon);
        resolve();
      };
      writes.push({ keep, fail: () => reject(new Error('the disk is full')) });
    });
  return { kept, writes, documents: { ...forgetfulStore<StoredLexicon>(), put } };
}

it('uses the lexicon that is stored, whichever of two concurrent uploads is stored first', async () => {
  const { kept, writes, documents } = slowStore();
  const lexicons = await openLexiconStore(documents, () => 0);
  const uploads = [lexicons.put('w3c', pls('first')), lexicons.put('w3c', pls('second'))];
  // Repeated as often as needed: the latest known write completes first.
  let over = false;
  const all = Promise.all(uploads).finally(() => (over = true));
  while (!over) {
    await new Promise((resolve) => setImmediate(resolve));
    writes.pop()?.keep();
  }
  await all;
  expect(lexicons.get('w3c').content).toBe(kept.get('w3c')?.content);
});

it('keeps using the previous lexicon after a failed write', async () => {
  const { writes, documents } = slowStore();
  const lexicons = await openLexiconStore(documents, () => 0);
  const write = async (alias: string, end: 'keep' | 'fail') => {
    const upload = lexicons.put('w3c', pls(alias));
    await new Promise((resolve) => setImmediate(resolve));
    writes.pop()?.[end]();
    await upload;
  };
  await write('before', 'keep');
  await expect(write('after', 'fail')).rejects.toThrow('the disk is full');
  expect(lexicons.get('w3c').content).toBe(pls('before'));
  await write('later', 'keep');
  expect(lexicons.get('w3c').content).toBe(pls('later'));
});
