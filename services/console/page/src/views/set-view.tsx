/** One set: its state, commands, items and past. */
import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { Refused, signInFor } from '../api/client.ts';
import type { SetSummary } from '../api/types.ts';
import { Bar, Legend } from '../parts/bar.tsx';
import { countOf, fileNameOf, grouped, sentence } from '../parts/figures.ts';
import { FileButton } from '../parts/file-drop.tsx';
import { sentenceOf } from '../parts/notices.tsx';
import { StateChip } from '../parts/state-chip.tsx';
import { useTitle } from '../parts/title.ts';
import { Waiting } from '../parts/waiting.tsx';
import { onLink } from '../router.ts';
import { OpenedSet } from '../state/set.ts';
import { Commands } from './commands.tsx';
import { Files } from './files.tsx';
import { ItemList } from './item-list.tsx';
import { Past } from './past.tsx';
import { SetFacts } from './set-facts.tsx';
import { SetRows } from './sets-view.tsx';
import { Tabs } from './tabs.tsx';

const VIEWS = ['Items', 'Past'] as const;

export function SetView({ setId }: { setId: string }) {
  const opened = useMemo(() => new OpenedSet(setId), [setId]);
  const view = useSignal<(typeof VIEWS)[number]>('Items');
  useEffect(() => {
    void opened.open();
    return () => opened.close();
  }, [opened]);
  const summary = opened.summary.value;
  useTitle(summary?.set.name ?? setId);
  if (!summary) return <NotYet problem={opened.problem.value} similar={opened.similar.value} />;
  return (
    <>
      <Head summary={summary} />
      {summary.state === 'rejected' ? (
        <Problems summary={summary} />
      ) : (
        <>
          <Tabs names={VIEWS} chosen={view.value} choose={(name) => (view.value = name)} />
          <div role="tabpanel" id="tab-panel" aria-label={view.value}>
            {view.value === 'Items' ? (
              <Now opened={opened} summary={summary} />
            ) : (
              <Past opened={opened} summary={summary} />
            )}
          </div>
        </>
      )}
    </>
  );
}

function Head({ summary }: { summary: SetSummary }) {
  return (
    <>
      <p class="crumb">
        <a href="/" onClick={onLink}>
          Sets
        </a>
      </p>
      <div class="head">
        <div class="head-title">
          <h1 dir="auto">{summary.set.name}</h1>
          <StateChip set={summary} />
        </div>
        {summary.state !== 'rejected' && (
          <>
            <Commands summary={summary} />
            <Files summary={summary} />
          </>
        )}
      </div>
      {summary.set.description && (
        <p class="lead" dir="auto">
          {summary.set.description}
        </p>
      )}
    </>
  );
}

function Now({ opened, summary }: { opened: OpenedSet; summary: SetSummary }) {
  return (
    <>
      <section class="panel" aria-label="Progress">
        <Bar counts={summary.counts} isLarge />
        <Legend counts={summary.counts} />
        <SetFacts summary={summary} />
      </section>
      {opened.isLoaded.value ? (
        <ItemList opened={opened} summary={summary} marks={opened.marks} version={opened.version.value} />
      ) : (
        <Waiting fault={opened.problem.value && sentenceOf(opened.problem.value)} />
      )}
    </>
  );
}

function NotYet({ problem, similar }: { problem: Error | undefined; similar: readonly SetSummary[] }) {
  if (!problem || signInFor.value) return <Waiting />;
  const isMissing = problem instanceof Refused && problem.status === 404;
  return (
    <>
      <div class="empty">
        <h1>This set can’t be shown</h1>
        <p>{sentenceOf(problem)}</p>
        {isMissing && <p class="hint">If it was only just submitted, it will appear here automatically.</p>}
        {isMissing && similar.length > 0 && (
          <p class="hint">The sets below have addresses that begin alike.</p>
        )}
        <a class="button" href="/" onClick={onLink}>
          All sets
        </a>
      </div>
      {isMissing && similar.length > 0 && <SetRows sets={similar} />}
    </>
  );
}

function Problems({
  summary: { problems = [], problemCount = problems.length, source },
}: {
  summary: SetSummary;
}) {
  return (
    <section class="panel" aria-label="Problems">
      <h2>Refused for {countOf(problemCount, 'problem')}</h2>
      <p class="hint">
        Nothing was spent. Fix <code>{fileNameOf(source)}</code> at these lines, and submit it again; the
        editor marks each line.
      </p>
      <ul class="problems">
        {problems.map(({ line, column, message, remedy }) => (
          <li key={`${line}:${column}:${message}`}>
            <span class="place">
              {line}:{column}
            </span>
            <span>
              {sentence(message)} <span class="hint">{sentence(remedy)}</span>
            </span>
          </li>
        ))}
      </ul>
      {problemCount > problems.length && (
        <p class="hint">
          The first {grouped(problems.length)} are listed; the report beside the file has more.
        </p>
      )}
      <FileButton says="Open the file in the editor…" />
    </section>
  );
}
