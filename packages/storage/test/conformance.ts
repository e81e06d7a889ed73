/** What every store guarantees, whatever holds its objects; each adapter's own test runs this suite first. */
import { describe } from 'vitest';
import { describeConcurrency } from './conformance-concurrency.ts';
import { describeVerifiedCopies } from './conformance-copies.ts';
import { describeLists, describeNames } from './conformance-keys.ts';
import {
  describeAbsence,
  describeBodies,
  describeCopies,
  describeMetadata,
  describeStreams,
  describeVersions,
} from './conformance-objects.ts';
import type { Specimen, Traits } from './specimen.ts';

/** `open` makes a fresh, empty store for each test. */
export function describeStore(open: () => Promise<Specimen>, traits: Traits): void {
  describe('objects', () => describeBodies(open));
  describe('streams', () => describeStreams(open));
  describe('versions', () => describeVersions(open));
  describe('metadata', () => describeMetadata(open, traits));
  describe('a missing object', () => describeAbsence(open));
  describe('copies', () => describeCopies(open));
  describe('copies that are checked', () => describeVerifiedCopies(open));
  describe('names', () => describeNames(open));
  describe('lists', () => describeLists(open));
  describe('at the same time', () => describeConcurrency(open));
}
