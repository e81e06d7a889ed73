/** Says of an error that ended a start whether something the service needs is missing, and what to do. */

export type StartFailure = {
  /** 3: something it needs is missing or down, which a restart alone may not cure; 1: any other failure. */
  exitCode: 1 | 3;
  remedy?: string;
};

const REMEDIES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'Another process has this port: stop it, or choose another port (0 takes any free one).',
  EADDRNOTAVAIL: 'This machine does not have the address to listen on: correct it.',
  EACCES: 'Give this user the right to the file or port that the message names.',
  EPERM: 'Give this user the right to the file that the message names.',
  EROFS: 'The file system is read-only: choose another folder, or mount it writable.',
  ENOENT: 'Create the file or folder that the message names, or correct its path.',
  ENOTDIR: 'A part of the path is a file: correct the path.',
  ENOSPC: 'The disk is full: make room on it.',
  ECONNREFUSED: 'Nothing answers at this address: start what should, or correct the address.',
  ECONNRESET: 'The other side closed the connection: see that it runs and speaks the expected protocol.',
  EHOSTUNREACH: 'There is no way to this host: check the network and the address.',
  ENETUNREACH: 'There is no way to this network: check the network and the address.',
  ENOTFOUND: 'No host has this name: correct it, or check the name service.',
  EAI_AGAIN: 'The name service does not answer: check the network, then start again.',
  ETIMEDOUT: 'No answer in time: see that the other side runs and is reachable.',
};

/**
 * Looks through the error, its causes and the errors it gathers: an error that brings its own `remedy`, or
 * one with a system code that means something is missing, gives exit code 3 and what to do.
 */
export function diagnoseStart(error: unknown): StartFailure {
  const chain = errorsWithin(error, new Set());
  for (const { remedy } of chain) if (typeof remedy === 'string') return { exitCode: 3, remedy };
  for (const { code } of chain) {
    const remedy = typeof code === 'string' ? REMEDIES[code] : undefined;
    if (remedy !== undefined) return { exitCode: 3, remedy };
  }
  return { exitCode: 1 };
}

type Traits = { code?: unknown; remedy?: unknown; cause?: unknown; errors?: unknown };

function errorsWithin(error: unknown, seen: Set<unknown>): Traits[] {
  if (typeof error !== 'object' || error === null || seen.has(error)) return [];
  seen.add(error);
  const traits: Traits = error;
  const gathered: unknown[] = Array.isArray(traits.errors) ? traits.errors : [];
  return [traits, ...[traits.cause, ...gathered].flatMap((inner) => errorsWithin(inner, seen))];
}
