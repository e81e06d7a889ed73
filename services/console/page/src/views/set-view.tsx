/** One set: how it stands, its commands, its items and its past. */
import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { download } from '../api/client.ts';
import type { SetSummary } from '../api/types.ts';
import { Bar } from '../parts/bar.tsx';
import { countOf, dateAndTime, dollars, duration, grouped } from '../parts/figures.ts';
import { sentenceOf, trying } from '../parts/notices.tsx';
import { StateChip } from '../parts/state-chip.tsx';
import { rateOf, secondsLeft } from '../state/pace.ts';
import { OpenedSet } from '../state/set.ts';
import { Commands } from './commands.tsx';
import { ItemList } from './item-list.tsx';
import { Past } from './past.tsx';

export function SetView({ setId }: { setId: string }) {
  const opened = useMemo(() => new OpenedSet(setId), [setId]);
  const showsPast = useSignal(false);
  useEffect(() => {
    void opened.open();
    return () => opened.close();
  }, [opened]);
  const summary = opened.summary.value;
  useEffect(() => {
    if (summary) document.title = `${summary.set.name} · Setlist`;
  }, [summary?.set.name]);
  if (opened.problem.value) return <p class="hint">{sentenceOf(opened.problem.value)}</p>;
  if (!summary) return <p class="hint">Loading…</p>;
  return (
    <>
      <div class="head">
        <h1>{summary.set.name}</h1>
        <StateChip set={summary} />
      </div>
      {summary.set.description && <p>{summary.set.description}</p>}
      {summary.state === 'rejected' ? (
        <Problems summary={summary} />
      ) : (
        <>
          <Bar counts={summary.counts} />
          <Facts summary={summary} />
          <div class="tools">
            <Commands summary={summary} />
            <span class="space" />
            <Files summary={summary} />
            <button
              type="button"
              aria-pressed={showsPast.value}
              onClick={() => (showsPast.value = !showsPast.value)}
            >
              Past
            </button>
          </div>
          {showsPast.value && <Past setId={setId} total={summary.counts.total} lastSeq={summary.lastSeq} />}
          <ItemList opened={opened} summary={summary} />
        </>
      )}
    </>
  );
}

function Facts({ summary }: { summary: SetSummary }) {
  const { counts, provider, costUsd, savedUsd, estimatedUsd, billedCharacters, acceptedAt, endedAt } =
    summary;
  const rate = rateOf(summary);
  const left = secondsLeft(summary);
  const facts: [string, string][] = [
    ['Items', `${grouped(counts.completed)} of ${grouped(counts.total)} done`],
    ['Paid', grouped(counts.paid)],
    ['Reused', grouped(counts.reused + counts.recovered)],
    ['Failed', grouped(counts.failed)],
    ['Characters', grouped(billedCharacters)],
    ['Cost', provider === 'local' ? 'free' : `${dollars(costUsd)} of at most ${dollars(estimatedUsd)}`],
    ['Saved', provider === 'local' ? 'free' : dollars(savedUsd)],
    ...(summary.state === 'running' && rate !== undefined
      ? [['Rate', `${rate.toFixed(1)} a second`] as [string, string]]
      : []),
    ...(left === undefined ? [] : [['Time left', duration(left)] as [string, string]]),
    ['Accepted', dateAndTime(acceptedAt)],
    ...(endedAt
      ? [
          ['Took', duration((Date.parse(endedAt) - Date.parse(summary.startedAt)) / 1_000)] as [
            string,
            string,
          ],
        ]
      : []),
    ['Files', summary.set.location],
  ];
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Files({ summary: { setId, set, state } }: { summary: SetSummary }) {
  const file = (path: string, name: string) => () => void trying(() => download(path, name));
  const ended = state === 'completed' || state === 'cancelled';
  return (
    <>
      <button type="button" onClick={file(`/sets/${setId}/audio.zip`, `${set.name}.zip`)}>
        Download audio
      </button>
      {ended && (
        <button type="button" onClick={file(`/sets/${setId}/manifest.csv`, `${set.name}-manifest.csv`)}>
          Manifest
        </button>
      )}
    </>
  );
}

function Problems({ summary: { problems = [] } }: { summary: SetSummary }) {
  return (
    <>
      <p>Nothing was spent. The set file was refused for {countOf(problems.length, 'problem')}:</p>
      <ul class="problems">
        {problems.map(({ line, column, message, remedy }) => (
          <li key={`${line}:${column}:${message}`}>
            <strong>
              Line {line}, column {column}:
            </strong>{' '}
            {message}. <em>{remedy}</em>
          </li>
        ))}
      </ul>
    </>
  );
}
