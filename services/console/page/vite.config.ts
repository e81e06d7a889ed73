/** Builds the page into `dist/`, from where the console serves it, each file also compressed: `npm run build:page`. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

const OUT = join(import.meta.dirname, '../dist');
const COMPRESSIBLE = /\.(js|css|html|svg)$/;

const compressed: Plugin = {
  name: 'compressed',
  apply: 'build',
  async closeBundle() {
    for (const name of await readdir(OUT, { recursive: true })) {
      if (!COMPRESSIBLE.test(name)) continue;
      const body = await readFile(join(OUT, name));
      await writeFile(join(OUT, `${name}.br`), await promisify(brotliCompress)(body));
      await writeFile(join(OUT, `${name}.gz`), await promisify(gzip)(body, { level: 9 }));
    }
  },
};

export default defineConfig({
  root: import.meta.dirname,
  build: { outDir: OUT, emptyOutDir: true, target: 'es2023' },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [compressed],
  server: { proxy: { '/api': 'http://127.0.0.1:8581' } },
});
