/** Puts one key over and over until a test kills it: `node endless-writer.ts STORE KEY BYTES`. */
import { openStore } from '../src/index.ts';

const [uri = '', key = '', bytes = '0'] = process.argv.slice(2);
const store = openStore(uri);
for (let fill = 1; ; fill = (fill % 255) + 1) {
  await store.put(key, new Uint8Array(Number(bytes)).fill(fill), { contentType: 'audio/mpeg' });
}
