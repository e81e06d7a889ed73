/** Root ignores permissions, so a test of them does its work as someone who has none. */

const NOBODY = 65_534;

/** Run as root, `work` runs as nobody; any other user does it as they are. */
export async function asNobody(work: () => Promise<void>): Promise<void> {
  if (process.geteuid?.() !== 0) return await work();
  process.seteuid?.(NOBODY);
  try {
    await work();
  } finally {
    process.seteuid?.(0);
  }
}

/** Inside {@link asNobody}: does something as the user who runs the tests. */
export function asOwner(work: () => void): void {
  const isNobody = process.geteuid?.() === NOBODY;
  if (isNobody) process.seteuid?.(0);
  work();
  if (isNobody) process.seteuid?.(NOBODY);
}
