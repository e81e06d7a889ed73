import * as conventions from '@opentelemetry/semantic-conventions';
import { describe, expect, it } from 'vitest';
import { ATTRIBUTES, METRICS, prometheusName, STEPS } from './catalogue.ts';

const known = new Set<unknown>(Object.values(conventions));
/** In the conventions, but not declared stable yet. */
const EXPERIMENTAL = ['messaging.message.id'];
const isOurs = (name: string): boolean => name.startsWith('setlist.') || name === 'setlist';

describe('the catalogue', () => {
  it('spells borrowed names as the semantic conventions do', () => {
    const names = [...Object.values(ATTRIBUTES), ...Object.values(METRICS).map(({ name }) => name)];
    const others = names.filter((name) => !isOurs(name) && !EXPERIMENTAL.includes(name));
    expect(others.filter((name) => !known.has(name))).toEqual([]);
    expect(others.length).toBeGreaterThan(5);
  });

  it('gives no two metrics the same name, here or for Prometheus', () => {
    const names = Object.values(METRICS).map(prometheusName);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain('setlist_characters_paid_total');
    expect(names).toContain('rpc_client_call_duration_seconds');
    expect(names.filter((name) => !/^[a-z][a-z0-9_]*$/.test(name))).toEqual([]);
  });

  it('has no attribute for a phrase, a file name or a secret', () => {
    expect(Object.keys(ATTRIBUTES).filter((key) => /text|ssml|phrase|file|token|header/i.test(key))).toEqual(
      [],
    );
  });

  it('has a kind and a service for each step', () => {
    for (const { by, says } of Object.values(STEPS)) expect([by, says]).not.toContain('');
  });
});
