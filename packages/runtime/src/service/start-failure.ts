/** Says whether a start failed because something the service needs is missing, and what to do about it. */

export type StartFailure = {
  /** 3: something it needs is missing or down, so a restart alone may not help; 1: any other failure. */
  exitCode: 1 | 3;
  remedy?: string;
};

const REMEDIES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'Another process uses this port: stop it, or choose another port (0 takes any free one).',
  EADDRNOTAVAIL: 'This machine does not have the address to listen on: correct it.',
  EACCES: 'Grant this user access to the file or port in the message.',
  EPERM: 'Grant this user access to the file in the message.',
  EROFS: 'The file system is read-only: choose another folder, or mount it writable.',
  ENOENT: 'Create the file or folder in the message, or correct its path.',
  ENOTDIR: 'A part of the path is a file: correct the path.',
  ENOSPC: 'The disk is full: free some space.',
  ECONNREFUSED: 'Nothing listens at this address: start the server, or correct the address.',
  ECONNRESET: 'The other side closed the connection: check that it runs and speaks the expected protocol.',
  EHOSTUNREACH: 'This host is unreachable: check the network and the address.',
  ENETUNREACH: 'This network is unreachable: check the network and the address.',
  ENOTFOUND: 'No host has this name: correct it, or check DNS.',
  EAI_AGAIN: 'DNS does not answer: check the network, then start again.',
  ETIMEDOUT: 'No answer in time: check that the other side runs and is reachable.',
};

/**
 * Looks through the error, its causes and the errors it aggregates. One with its own `remedy`, or with a system code
 * that means something is missing, gives exit code 3 and a remedy.
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
