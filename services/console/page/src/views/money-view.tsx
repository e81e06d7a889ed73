/** Money: spent, and saved by reuse, by day and by set. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { get } from '../api/client.ts';
import type { Money } from '../api/types.ts';
import { dollars, grouped } from '../parts/figures.ts';
import { trying } from '../parts/notices.tsx';
import { Plot } from '../parts/plot.tsx';
import { onLink } from '../router.ts';

const DAYS = 60;
const DAY_SECONDS = 86_400;

export function MoneyView() {
  const money = useSignal<Money | undefined>(undefined);
  useEffect(() => {
    document.title = 'Money · Setlist';
    void trying(async () => {
      money.value = await get<Money>('/money');
    });
  }, []);
  if (!money.value) return <p class="hint">Loading…</p>;
  const { spentUsd, savedUsd, days, sets } = money.value;
  return (
    <>
      <div class="head">
        <h1>Money</h1>
        <span class="chip">{dollars(spentUsd)} spent</span>
        <span class="chip">{dollars(savedUsd)} saved by reuse</span>
      </div>
      <p class="hint">List prices of Amazon Polly; the local engine is free. A day is one in UTC.</p>
      {days.length > 0 && <ByDay days={days} />}
      <table>
        <caption>By set, the dearest first</caption>
        <thead>
          <tr>
            <th scope="col">Set</th>
            <th scope="col" class="number">
              Spent
            </th>
            <th scope="col" class="number">
              Saved
            </th>
            <th scope="col" class="number">
              Characters
            </th>
          </tr>
        </thead>
        <tbody>
          {sets.map((set) => (
            <tr key={set.setId}>
              <td>
                <a href={`/sets/${set.setId}`} onClick={onLink}>
                  {set.name}
                </a>
              </td>
              <td class="number">{dollars(set.spentUsd)}</td>
              <td class="number">{dollars(set.savedUsd)}</td>
              <td class="number">{grouped(set.billedCharacters)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {sets.length === 0 && <p class="hint">Nothing was spent or saved yet.</p>}
    </>
  );
}

/** Days on which nothing happened are drawn too. */
function ByDay({ days }: Pick<Money, 'days'>) {
  const known = new Map(days.map((day) => [Date.parse(day.day) / 1_000, day]));
  const last = Math.max(...known.keys());
  const times = Array.from({ length: DAYS }, (_, at) => last - (DAYS - 1 - at) * DAY_SECONDS);
  return (
    <section class="panel">
      <h2>By day</h2>
      <Plot
        bars
        label="Spent and saved by day"
        times={times}
        lines={[
          {
            label: 'saved',
            values: times.map((time) => Number(known.get(time)?.savedUsd ?? 0)),
            colour: '--reused',
          },
          {
            label: 'spent',
            values: times.map((time) => Number(known.get(time)?.spentUsd ?? 0)),
            colour: '--made',
          },
        ]}
      />
    </section>
  );
}
