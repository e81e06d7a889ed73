import { expect, it } from 'vitest';
import { isLoopback } from './loopback.ts';

it.each(['localhost', '127.0.0.1', '127.1.2.3', '::1', '[::1]', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1'])(
  'takes %s for this machine’s own',
  (host) => expect(isLoopback(host)).toBe(true),
);

it.each(['0.0.0.0', '::', '10.0.0.1', '::ffff:10.0.0.1', '127.example.com', 'localhost.example.com', ''])(
  'takes %j for one that others reach',
  (host) => expect(isLoopback(host)).toBe(false),
);
