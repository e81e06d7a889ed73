/** Builds the page into `dist/`, which the console serves, each file also in compressed form: `npm run build:page`. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

const OUT = join(import.meta.dirname, '../dist');
const COMPRESSIBLE = /\.(js|css|html|svg)$/;
/** Most bytes of all the page's scripts together, including editor and plots, compressed with Brotli. */
const MOST_SCRIPT_BYTES = 150_000;

const compressed: Plugin = {
  name: 'compressed',
  apply: 'build',
  async closeBundle() {
    let scriptBytes = 0;
    for (const name of await readdir(OUT, { recursive: true })) {
      if (!COMPRESSIBLE.test(name)) continue;
      const body = await readFile(join(OUT, name));
      const br = await promisify(brotliCompress)(body);
      if (name.endsWith('.js')) scriptBytes += br.length;
      await writeFile(join(OUT, `${name}.br`), br);
      await writeFile(join(OUT, `${name}.gz`), await promisify(gzip)(body, { level: 9 }));
    }
    if (scriptBytes <= MOST_SCRIPT_BYTES) return;
    throw new Error(
      `The page has ${scriptBytes} bytes of script, compressed; ${MOST_SCRIPT_BYTES} are allowed.`,
    );
  },
};

export default defineConfig({
  root: import.meta.dirname,
  build: { outDir: OUT, modulePreload: { polyfill: false }, emptyOutDir: true, target: 'es2023' },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [compressed],
  server: { proxy: { '/api': 'http://127.0.0.1:8581' } },
});
