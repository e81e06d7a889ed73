/** Checks the dashboard and the alerts in deploy/ against the metrics that the code declares. */
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Tree } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import { ATTRIBUTES, METRICS, prometheusName } from '@setlist/runtime';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const DEPLOY = resolve(import.meta.dirname, '../deploy');
const read = (path: string): string => readFileSync(resolve(DEPLOY, path), 'utf8');

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly h: number; readonly w: number; readonly x: number; readonly y: number };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}

const dashboard = JSON.parse(read('grafana/setlist.json')) as { uid: string; panels: Panel[] };
const panels = dashboard.panels.filter(({ type }) => type !== 'row');
const { rule_files: ruleFiles, scrape_configs: scraped } = parse(read('prometheus/prometheus.yml')) as {
  rule_files: string[];
  scrape_configs: {
    job_name: string;
    dns_sd_configs: { names: string[] }[];
    relabel_configs: { source_labels: string[]; target_label: string }[];
  }[];
};

const rules = ruleFiles.flatMap(rulesIn);

function rulesIn(file: string): Rule[] {
  const { groups } = parse(read(`prometheus/${file}`)) as { groups: { rules: Rule[] }[] };
  return groups.flatMap((group) => group.rules);
}

/** Metrics and labels that Prometheus adds itself, or that prometheus.yml makes it add. */
const OF_PROMETHEUS = { metrics: ['up'], labels: ['job', 'instance', 'le', 'service'] };
const declared = new Map(
  Object.values(METRICS).flatMap(({ name, kind, unit, facts }) => {
    const series = prometheusName({ name, kind, unit });
    const endings = kind === 'histogram' ? ['_bucket', '_count', '_sum'] : [''];
    return endings.map((ending) => [`${series}${ending}`, facts.map((fact) => labelOf(ATTRIBUTES[fact]))]);
  }),
);

function labelOf(attribute: string): string {
  return attribute.replaceAll('.', '_');
}

/** The text of each node of these kinds, in order. */
function textsOf(query: string, tree: Tree, kinds: readonly string[]): string[] {
  const texts: string[] = [];
  tree.iterate({
    enter: ({ type, from, to, node }) => {
      const isMetric = type.name === 'Identifier' && node.parent?.type.name === 'VectorSelector';
      if (kinds.includes(isMetric ? 'Metric' : type.name)) texts.push(query.slice(from, to));
    },
  });
  return texts;
}

/** What a counter grew by: all of it, if it did not exist a window ago; `increase` leaves out its first value. */
const GROWTH = /\((\S+) unless \1 offset (\S+)\) or increase\(\1\[\2\]\)/g;

/** The faults of a query: that it can't be parsed, uses undeclared metrics or labels, or misses new counters. */
function faultsOf(written: string): string[] {
  const query = written.replaceAll(/\$__(rate_)?interval|\$__range/g, '5m');
  const tree = parser.parse(query);
  const broken: number[] = [];
  tree.iterate({
    enter: ({ type, from }) => {
      if (type.isError) broken.push(from);
    },
  });
  if (broken.length > 0) return [`can't be read: ${query}`];
  const metrics = textsOf(query, tree, ['Metric']);
  const labels = textsOf(query, tree, ['LabelName']);
  const known = new Set([
    ...OF_PROMETHEUS.labels,
    ...metrics.flatMap((metric) => declared.get(metric) ?? []),
  ]);
  return [
    ...(metrics.length === 0 ? [`asks for nothing: ${query}`] : []),
    ...(query.replaceAll(GROWTH, '').includes('increase(') ? [`misses new counters: ${query}`] : []),
    ...metrics.filter((name) => !declared.has(name) && !OF_PROMETHEUS.metrics.includes(name)),
    ...labels.filter((label) => !known.has(label)),
  ];
}

it('the check detects unknown metrics and labels', () => {
  expect(faultsOf('sum by (setlist_lane) (rate(setlist_items_total[5m]))')).toEqual([]);
  expect(faultsOf('sum(rate(setlist_items_total[5m])')).toHaveLength(1);
  expect(faultsOf('setlist_items')).toEqual(['setlist_items']);
  expect(faultsOf('sum by (lane) (setlist_items_total{setlist_way="x"})')).toEqual(['lane', 'setlist_way']);
});

it('the check detects an increase that leaves out the first value of a counter', () => {
  const growth = (metric: string, ofNew: string): string =>
    `sum((${ofNew} unless ${ofNew} offset 1h) or increase(${metric}[1h]))`;
  expect(faultsOf(growth('setlist_items_total', 'setlist_items_total'))).toEqual([]);
  expect(faultsOf(growth('setlist_items_total', 'setlist_notices_total'))).toHaveLength(1);
  expect(faultsOf('sum(increase(setlist_items_total[1h]))')).toHaveLength(1);
});

describe('the dashboard', () => {
  it.each(panels)('"$title" queries only what the services measure', ({ targets = [] }) => {
    expect(targets.length).toBeGreaterThan(0);
    expect(targets.flatMap(({ expr }) => faultsOf(expr))).toEqual([]);
    const legends = targets.flatMap(({ legendFormat }) => [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)]);
    const queries = targets.map(({ expr }) => expr).join();
    for (const [, label = ''] of legends) expect(queries).toContain(label);
  });

  it('shows every metric', () => {
    const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)).join(' ');
    const missing = Object.values(METRICS).filter((metric) => !queries.includes(prometheusName(metric)));
    expect(missing).toEqual([]);
  });

  it('has panels that don’t overlap, each with its own id, title and description', () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
    for (const panel of panels) expect(panel.description).toMatch(/\.$/);
    const overlap = panels.flatMap((panel, at) =>
      panels.slice(at + 1).filter((other) => overlaps(panel.gridPos, other.gridPos)),
    );
    expect(overlap).toEqual([]);
    expect(panels.filter(({ gridPos: { x, w } }) => x + w > 24)).toEqual([]);
  });
});

const overlaps = (a: Panel['gridPos'], b: Panel['gridPos']): boolean =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

describe('the alerts', () => {
  it.each(rules)('$alert queries only what the services measure, and says what to do', (rule) => {
    expect(faultsOf(rule.expr)).toEqual([]);
    expect(rule.alert).toMatch(/^Setlist[A-Z]\w+$/);
    expect(rule.for).toMatch(/^\d+m$/);
    expect(['warning', 'critical']).toContain(rule.labels.severity);
    expect(rule.annotations.summary.length).toBeGreaterThan(10);
    expect(rule.annotations.description.length).toBeGreaterThan(20);
    const templates = [...rule.annotations.summary.matchAll(/\$labels\.(\w+)/g)];
    const ofTarget = rule.expr.startsWith('up{') ? ['instance', 'service'] : [];
    for (const [, label = ''] of templates) {
      if (!ofTarget.includes(label)) expect(rule.expr).toContain(label);
    }
  });

  it('are all loaded beside the containers, and elsewhere need no names of services', () => {
    const files = readdirSync(resolve(DEPLOY, 'prometheus')).filter((name) => name.endsWith('.rules.yml'));
    expect(ruleFiles.toSorted()).toEqual(files.toSorted());
    const isNeeded = ({ expr }: Rule) => textsOf(expr, parser.parse(expr), ['LabelName']).includes('service');
    expect(files.filter((file) => rulesIn(file).some(isNeeded))).toEqual(['setlist-containers.rules.yml']);
  });

  it('fire for each scraped service whose name does not resolve', () => {
    const { expr = '' } = rules.find(({ alert }) => alert === 'SetlistServiceMissing') ?? {};
    for (const { job_name: job, dns_sd_configs: found, relabel_configs: labels } of scraped) {
      expect(labels).toContainEqual({ source_labels: ['__meta_dns_name'], target_label: 'service' });
      const absent = found.flatMap(({ names }) =>
        names.map((name) => `absent(up{job="${job}", service="${name}"})`),
      );
      expect(expr.match(/absent\([^)]*\)/g)).toEqual(absent);
    }
  });

  it('report a channel that refuses a message now and then', () => {
    const { expr = '', for: lasting } = rules.find(({ alert }) => alert === 'SetlistMessagesFail') ?? {};
    expect([...new Set(expr.match(/\[\w+\]/g))]).toEqual(['[1h]']);
    expect(lasting).toBe('15m');
  });

  it('have unique names', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  });
});
