/** Money spent, and saved by reuse, by day and by set. */
import type { Money } from '../api/types.ts';
import { countOf, dayOf, dollars, grouped } from '../parts/figures.ts';
import { Plot } from '../parts/plot.tsx';
import { useTitle } from '../parts/title.ts';
import { OutOfDate, Waiting } from '../parts/waiting.tsx';
import { onLink } from '../router.ts';
import { useFresh } from '../state/fresh.ts';
import { sets } from '../state/sets.ts';

const DAYS = 45;
const DAY_SECONDS = 86_400;
const REFRESH_MS = 3_000;

export function MoneyView() {
  // Fetched again whenever sets change, since their costs change with them.
  const { value: money, fault } = useFresh<Money>('/money', REFRESH_MS, sets.value);
  useTitle('Money');
  if (!money.value) return <Waiting fault={fault.value} />;
  const { spentUsd, savedUsd, days, sets: dearest } = money.value;
  const characters = days.reduce((sum, day) => sum + day.billedCharacters, 0);
  return (
    <>
      <div class="head">
        <h1>Money</h1>
      </div>
      <OutOfDate fault={fault.value} />
      <dl class="figures">
        <Figure
          name="Spent"
          value={dollars(spentUsd)}
          note={`${countOf(characters, 'character')} paid for`}
        />
        <Figure name="Saved by reuse" value={dollars(savedUsd)} note={shareSaved(spentUsd, savedUsd)} />
        <Figure
          name="Sets"
          value={grouped(days.reduce((sum, day) => sum + day.sets, 0))}
          note={`on ${countOf(days.length, 'day')}`}
        />
      </dl>
      <ByDay days={days} />
      <BySet sets={dearest} />
      <p class="hint small">
        Each set counts at the prices with which it was accepted; free characters are not subtracted. The
        local engine is free: it costs and saves nothing. A day is one in UTC.
      </p>
    </>
  );
}

function Figure({ name, value, note }: { name: string; value: string; note: string }) {
  return (
    <div class="panel figure">
      <dt>{name}</dt>
      <dd>
        {value} <small>{note}</small>
      </dd>
    </div>
  );
}

function shareSaved(spentUsd: string, savedUsd: string): string {
  const [spent, saved] = [Number(spentUsd), Number(savedUsd)];
  const all = spent + saved;
  return all === 0 ? 'nothing yet' : `${Math.round((100 * saved) / all)} % of what it would have cost`;
}

/** Includes days on which nothing happened. */
function ByDay({ days }: Pick<Money, 'days'>) {
  const known = new Map(days.map((day) => [Date.parse(day.day) / 1_000, day]));
  const today = Math.floor(Date.now() / 1_000 / DAY_SECONDS) * DAY_SECONDS;
  const times = Array.from({ length: DAYS }, (_, at) => today - (DAYS - 1 - at) * DAY_SECONDS);
  return (
    <section class="panel" aria-labelledby="by-day">
      <div class="plot-head">
        <h2 id="by-day">By day</h2>
        <p class="hint small">the last {DAYS} days</p>
      </div>
      <Plot
        stacked
        label={`Spent and saved by day, the last ${DAYS} days`}
        times={times}
        write={(usd) => dollars(String(usd))}
        writeTime={dayOf}
        lines={[
          {
            label: 'saved',
            values: times.map((time) => Number(known.get(time)?.savedUsd ?? 0)),
            colour: '--reused',
          },
          {
            label: 'spent',
            values: times.map((time) => Number(known.get(time)?.spentUsd ?? 0)),
            colour: '--done',
          },
        ]}
      />
    </section>
  );
}

function BySet({ sets: dearest }: Pick<Money, 'sets'>) {
  return (
    <section class="panel" aria-labelledby="by-set">
      <h2 id="by-set">By set</h2>
      {dearest.length === 0 ? (
        <p class="hint">Nothing has been spent or saved yet.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <section class="scroll-x" tabIndex={0} aria-label="Money by set">
          <table>
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
                  Paid characters
                </th>
              </tr>
            </thead>
            <tbody>
              {dearest.map((set) => (
                <tr key={set.setId}>
                  <td>
                    <a href={`/sets/${set.setId}`} onClick={onLink} dir="auto">
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
        </section>
      )}
    </section>
  );
}
