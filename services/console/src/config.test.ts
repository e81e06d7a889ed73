/** No mistake in the settings lets anybody in. */
import { loadConfig } from '@setlist/runtime';
import { expect, it } from 'vitest';
import { consoleConfig, unsafeAccess } from './config.ts';

const fault = (env: Record<string, string>) => unsafeAccess(loadConfig(consoleConfig, env));
const issuer = {
  AUTH_JWKS_URL: 'https://i.example/jwks',
  AUTH_ISSUER: 'https://i.example',
  AUTH_AUDIENCE: 'setlist',
};

it.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])('needs no token on %s', (host) => {
  expect(fault({ CONSOLE_HOST: host })).toBeUndefined();
});

it.each(['0.0.0.0', '::', '10.0.0.5', 'setlist.example'])(
  'listens on %s only if tokens are required',
  (host) => {
    expect(fault({ CONSOLE_HOST: host })).toContain('AUTH_JWKS_URL');
    expect(fault({ CONSOLE_HOST: host, ...issuer })).toBeUndefined();
  },
);

it.each(['AUTH_ISSUER', 'AUTH_AUDIENCE'])('accepts no token without %s', (name) => {
  const { [name as keyof typeof issuer]: _, ...rest } = issuer;
  expect(fault(rest)).toContain(name);
});

it.each(['http://i.example/jwks', 'http://10.0.0.5/jwks', 'http://localhost.example/jwks'])(
  'accepts no keys that could be tampered with in transit from %s',
  (AUTH_JWKS_URL) => {
    expect(fault({ ...issuer, AUTH_JWKS_URL })).toContain('https://');
  },
);

it.each(['http://127.0.0.1:8080/jwks', 'http://[::1]/jwks', 'http://localhost/jwks'])(
  'accepts keys from this machine: %s',
  (AUTH_JWKS_URL) => {
    expect(fault({ ...issuer, AUTH_JWKS_URL })).toBeUndefined();
  },
);

it('accepts only algorithms without a shared secret', () => {
  expect(() => loadConfig(consoleConfig, { AUTH_ALGORITHMS: 'HS256' })).toThrow(/AUTH_ALGORITHMS/);
  expect(() => loadConfig(consoleConfig, { AUTH_ALGORITHMS: 'none' })).toThrow(/AUTH_ALGORITHMS/);
});
