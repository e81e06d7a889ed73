import { expect, it } from 'vitest';
import { pageFault } from './own-callers.ts';

it.each([
  { host: '127.0.0.1:8580' },
  { host: 'LocalHost:8580' },
  { host: '[::1]:8580' },
  { ':authority': '127.0.0.1:8580' },
  // An address typed into a browser.
  { host: 'localhost:8580', 'sec-fetch-site': 'none' },
  {},
])('accepts a caller on this machine: %j', (headers) => {
  expect(pageFault({ headers }, '127.0.0.1')).toBeUndefined();
});

it.each([
  { host: 'localhost:8580', origin: 'https://example.com' },
  { host: 'localhost:8580', origin: 'null' },
  { host: 'localhost:8580', 'sec-fetch-site': 'cross-site' },
  { host: 'localhost:8580', 'sec-fetch-site': 'same-site' },
  { host: 'localhost.example.com:8580' },
  { host: '10.0.0.1' },
  { host: 'a page' },
  { ':authority': 'example.com' },
])('refuses a web page: %j', (headers) => {
  expect(pageFault({ headers }, 'localhost')).toBeDefined();
});

it('accepts any host name if it listens for other machines too, but no web page', () => {
  expect(pageFault({ headers: { host: 'polly-local:8580' } }, '0.0.0.0')).toBeUndefined();
  expect(pageFault({ headers: { host: 'polly-local:8580', origin: 'null' } }, '0.0.0.0')).toBeDefined();
});
