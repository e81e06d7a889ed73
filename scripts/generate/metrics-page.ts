/** The manual's page of metrics and spans, from the catalogue that the services measure by. */
import { ATTRIBUTES, METRICS, type Metric, prometheusName, STEPS, type StepKind } from '@setlist/runtime';

const label = (attribute: string): string => attribute.replaceAll('.', '_');
const code = (text: string): string => `\`${text}\``;

function metricRow(metric: Metric): string {
  const labels = metric.facts.map((fact) => code(label(ATTRIBUTES[fact]))).join(' ');
  const unit = metric.unit === 's' ? 'seconds' : metric.unit.replaceAll(/[{}]/g, '');
  return `| ${code(prometheusName(metric))} | ${metric.kind}, ${unit} | ${labels} | ${metric.by} | ${metric.says} |`;
}

const stepRow = ([name, { by, kind, says, root }]: [string, StepKind]): string =>
  `| ${code(name)} | ${by} | ${kind}${root ? ', begins a trace' : ''} | ${says} |`;

const attributeRow = ([, name]: [string, string]): string => code(name);

export function metricsPage(): string {
  return [
    '<!-- Made by `npm run generate` from packages/runtime/src/telemetry/catalogue.ts. Change it there. -->',
    '# Metrics and spans',
    '',
    'How to switch them on, and what they are good for: [Seen from outside](observability.md).',
    '',
    '## Metrics',
    '',
    'Names and labels as Prometheus has them. By OTLP they have dots (`setlist.characters.paid`, `setlist.lane`), without',
    '`_total` and `_seconds`. A histogram has `_bucket`, `_sum` and `_count`, as everywhere.',
    '',
    '| metric | kind | labels | by | says |',
    '|---|---|---|---|---|',
    ...Object.values<Metric>(METRICS).map(metricRow),
    '',
    '## Spans',
    '',
    'Each is timed in `setlist_step_duration_seconds` too, traced or not; `request item`, a mere point, and `answer request`,',
    'which has a metric of its own, are not.',
    '',
    '| span | by | kind | |',
    '|---|---|---|---|',
    ...Object.entries<StepKind>(STEPS).map(stepRow),
    '',
    '## Attributes',
    '',
    'All that a metric or a span may say of a thing; steps on messages also have `messaging.system`,',
    '`messaging.operation.type` and `messaging.operation.name`. Errors are said by their codes, never by their messages.',
    '',
    `${Object.entries(ATTRIBUTES).map(attributeRow).join(', ')}.`,
    '',
  ].join('\n');
}
