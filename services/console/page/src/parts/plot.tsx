/** A plot over time by uPlot, in the page's own colours. */
import { useEffect, useRef } from 'preact/hooks';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

export interface PlotProps {
  readonly label: string;
  /** Seconds since 1970. */
  readonly times: readonly number[];
  readonly lines: readonly {
    readonly label: string;
    readonly values: readonly number[];
    readonly colour: string;
  }[];
  readonly bars?: boolean;
}

const HEIGHT = 180;

export function Plot({ label, times, lines, bars = false }: PlotProps) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot>(undefined);
  const data = [times, ...lines.map(({ values }) => values)] as unknown as UPlot.AlignedData;
  const shape = lines.map((line) => line.label).join();
  useEffect(() => {
    const element = host.current;
    if (!element) return;
    plot.current = new UPlot(optionsOf(element, lines, bars), data, element);
    const observer = new ResizeObserver(() =>
      plot.current?.setSize({ width: element.clientWidth, height: HEIGHT }),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.current?.destroy();
    };
  }, [shape, bars]);
  useEffect(() => plot.current?.setData(data));
  return <div ref={host} class="plot" role="img" aria-label={label} />;
}

function optionsOf(element: HTMLElement, lines: PlotProps['lines'], bars: boolean): UPlot.Options {
  const colour = (name: string): string => getComputedStyle(element).getPropertyValue(name).trim();
  const axis = {
    stroke: colour('--muted'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    axes: [axis, { ...axis, size: 56 }],
    scales: { y: { range: (_, __, most) => [0, Math.max(1, most * 1.1)] } },
    series: [
      {},
      ...lines.map(({ label, colour: name }) => ({
        label,
        stroke: colour(name),
        width: 2,
        points: { show: false },
        ...(bars && UPlot.paths.bars
          ? { paths: UPlot.paths.bars({ size: [0.6, 40] }), fill: colour(name) }
          : {}),
      })),
    ],
  };
}
