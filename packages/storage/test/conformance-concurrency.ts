/** Conformance: nobody sees part of an object, however many read and write it. */
import { expect, it } from 'vitest';
import { keysOf, MP3, type Specimen } from './specimen.ts';

const MIB = 1024 * 1024;

export function describeConcurrency(open: () => Promise<Specimen>): void {
  it('shows no part of an object while a large one is being put', async () => {
    await using specimen = await open();
    const { store } = specimen;
    const bodies = [new Uint8Array(8 * MIB).fill(1), new Uint8Array(6 * MIB).fill(2)];
    const seen = new Set<string>();
    let writing = true;
    const reader = async (): Promise<void> => {
      while (writing) {
        const found = await store.get('large').catch(absent);
        if (found) seen.add(describeBody(found));
        for (const { key, bytes: size } of await Array.fromAsync(store.list(''))) seen.add(`${key} ${size}`);
      }
    };
    const writer = async (): Promise<void> => {
      for (let round = 0; round < 5; round += 1) {
        for (const body of bodies) await store.put('large', body, MP3);
      }
      writing = false;
    };
    await Promise.all([writer().finally(() => (writing = false)), reader()]);
    const whole = bodies.flatMap((body) => [describeBody(body), `large ${body.length}`]);
    expect([...seen].filter((one) => !whole.includes(one))).toEqual([]);
    expect(seen.size).toBeGreaterThan(1);
  });

  it('leaves one whole body when many put one key', async () => {
    await using specimen = await open();
    const bodies = Array.from({ length: 12 }, (_, index) =>
      new Uint8Array(300_000 + index * 1_000).fill(index),
    );
    await Promise.all(bodies.map((body) => specimen.store.put('contended', body, MP3)));
    const left = describeBody(await specimen.store.get('contended'));
    expect(bodies.map(describeBody)).toContain(left);
    expect(await keysOf(specimen.store, '')).toEqual(['contended']);
  });
}

/** A short description of length and content: one repeated byte, or mixed. */
function describeBody(body: Uint8Array): string {
  const first = body[0] ?? 0;
  return `${body.length} × ${Buffer.compare(body, new Uint8Array(body.length).fill(first)) === 0 ? first : 'mixed'}`;
}

function absent(error: unknown): undefined {
  expect(error).toMatchObject({ code: 'not-found' });
}
