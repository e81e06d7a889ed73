/** The manual's page of metrics and spans, from the catalogue that the services use. */
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
    'How to switch them on and use them: [Monitoring](observability.md).',
    '',
    '## Metrics',
    '',
    'Names and labels are those in Prometheus. In OTLP they have dots (`setlist.characters.paid`, `setlist.lane`), without',
    '`_total` and `_seconds`. A histogram has `_bucket`, `_sum` and `_count`, as usual.',
    '',
    '| metric | kind | labels | by | says |',
    '|---|---|---|---|---|',
    ...Object.values<Metric>(METRICS).map(metricRow),
    '',
    '## Spans',
    '',
    'Each is also timed in `setlist_step_duration_seconds`, traced or not, except `request item`, which has no duration, and',
    '`answer request`, which has its own metric.',
    '',
    '| span | by | kind | |',
    '|---|---|---|---|',
    ...Object.entries<StepKind>(STEPS).map(stepRow),
    '',
    '## Attributes',
    '',
    'All the attributes of metrics and spans; steps on messages also have `messaging.system`,',
    '`messaging.operation.type` and `messaging.operation.name`. Errors appear with their codes, never with their messages.',
    '',
    `${Object.entries(ATTRIBUTES).map(attributeRow).join(', ')}.`,
    '',
  ].join('\n');
}
