/** A plot over time, by uPlot, in the page's colours. */
import { useEffect, useRef } from 'preact/hooks';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { colourOf, isDark } from './colours.ts';

export interface PlotProps {
  readonly label: string;
  /** Seconds since 1970. */
  readonly times: readonly number[];
  readonly lines: readonly PlotLine[];
  /** Stacked bars instead of lines. */
  readonly stacked?: boolean;
  /** Formats values. */
  write(value: number): string;
  /** Formats times, given in ms since 1970. */
  writeTime(ms: number): string;
}

interface PlotLine {
  readonly label: string;
  readonly values: readonly number[];
  /** A colour variable of the style sheet, such as `--done`. */
  readonly colour: string;
  readonly dashed?: boolean;
}

const HEIGHT = 190;
/** To the right, in px: the last time is centred below the plot's edge. */
const ROOM_FOR_HALF_A_LABEL = 32;

export function Plot(props: PlotProps) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const { label, times, lines, stacked = false } = props;
  const data = [
    times,
    ...(stacked ? heights(lines) : lines.map(({ values }) => values)),
  ] as UPlot.AlignedData;
  const shape = lines.map((line) => line.label).join();
  useEffect(() => {
    const element = host.current;
    if (!element) return;
    plot.current = new UPlot(optionsOf(element, latest), data, element);
    const observer = new ResizeObserver(() =>
      plot.current?.setSize({ width: element.clientWidth, height: HEIGHT }),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.current?.destroy();
    };
  }, [shape, stacked, isDark.value]);
  useEffect(() => plot.current?.setData(data));
  return <div ref={host} class="plot" role="img" aria-label={label} />;
}

/** The top of each line's bars: the first line is drawn first, and is stacked on all that follow. */
const heights = (lines: readonly PlotLine[]): number[][] =>
  lines.map(({ values }, at) =>
    values.map((_, time) => lines.slice(at).reduce((sum, line) => sum + (line.values[time] ?? 0), 0)),
  );

function optionsOf(element: HTMLElement, latest: { readonly current: PlotProps }): UPlot.Options {
  const { lines, stacked, write, writeTime } = latest.current;
  const colour = (name: string): string => colourOf(element, name);
  const axis = {
    stroke: colour('--muted'),
    font: `12px ${getComputedStyle(element).fontFamily}`,
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  };
  const bars = UPlot.paths.bars?.({ size: [0.7, 28] });
  return {
    width: element.clientWidth,
    height: HEIGHT,
    padding: [null, ROOM_FOR_HALF_A_LABEL, null, null],
    legend: { markers: { width: 0, fill: (_, line) => colour(lines[line - 1]?.colour ?? '--line') } },
    cursor: { points: { show: !stacked }, drag: { x: false, y: false } },
    axes: [
      { ...axis, space: 90, values: (_, times) => times.map((time) => writeTime(time * 1_000)) },
      { ...axis, size: 58, values: (_, values) => values.map(write) },
    ],
    scales: { y: { range: (_, __, most) => [0, most > 0 ? most * 1.1 : 1] } },
    series: [
      { label: 'at', value: (_, time) => (time === null ? '–' : writeTime(time * 1_000)) },
      ...lines.map(({ label, colour: name, dashed }, line) => ({
        label,
        stroke: colour(name),
        width: stacked ? 0 : 1.5,
        points: { show: false },
        value: (_: UPlot, __: number, ___: number, at: number | null) =>
          at === null ? '–' : write(latest.current.lines[line]?.values[at] ?? 0),
        ...(dashed ? { dash: [6, 4] } : {}),
        ...(stacked && bars ? { paths: bars, fill: colour(name) } : {}),
      })),
    ],
  };
}
