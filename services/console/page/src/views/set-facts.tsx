/** A set's figures: rate, time, money, and where its files are. */
import type { SetSummary } from '../api/types.ts';
import { ago, dateAndTime, dollars, duration, grouped, perSecond } from '../parts/figures.ts';
import { now } from '../state/now.ts';
import { rateOf, secondsLeft } from '../state/pace.ts';

export function SetFacts({ summary }: { summary: SetSummary }) {
  return (
    <>
      <dl class="facts">
        {factsOf(summary).map(([name, value, title]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd title={title}>{value}</dd>
          </div>
        ))}
      </dl>
      <p class="small hint where">
        Files in <code>{summary.set.location}</code>
      </p>
    </>
  );
}

type Fact = readonly [name: string, value: string, title?: string];

function factsOf(summary: SetSummary): Fact[] {
  const { provider, acceptedAt, startedAt, endedAt, round, billedCharacters } = summary;
  const rate = rateOf(summary);
  const left = secondsLeft(summary);
  return [
    ...(rate === undefined ? [] : [['Rate', perSecond(rate)] as const]),
    ...(left === undefined ? [] : [['Time left', duration(left)] as const]),
    ...(endedAt ? [['Took', duration((Date.parse(endedAt) - Date.parse(startedAt)) / 1_000)] as const] : []),
    ...(provider === 'local' ? [['Cost', 'free, local engine'] as const] : moneyOf(summary)),
    [provider === 'local' ? 'Characters spoken' : 'Paid characters', grouped(billedCharacters)],
    ['Accepted', ago(acceptedAt, now.value), dateAndTime(acceptedAt)],
    ...(round > 1 ? [['Round', grouped(round)] as const] : []),
  ];
}

const moneyOf = ({ costUsd, estimatedUsd, savedUsd, endedAt }: SetSummary): Fact[] => [
  endedAt
    ? ['Cost', dollars(costUsd)]
    : ['Cost so far', `${dollars(costUsd)} of at most ${dollars(estimatedUsd)}`],
  ['Saved by reuse', dollars(savedUsd)],
];
