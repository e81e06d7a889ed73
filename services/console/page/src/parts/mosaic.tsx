/** Every item, or group of items, as a dot, to show where in the set things happened. */
import { useEffect, useRef } from 'preact/hooks';
import type { Mark } from '../api/types.ts';
import { colourOf, isDark } from './colours.ts';

const DOTS = 300;
const COLOURS: Readonly<Record<Mark, string>> = {
  f: '--failed',
  r: '--edge',
  p: '--done',
  c: '--done',
  u: '--reused',
};
/** Order of importance: a dot for several items shows the most important state. */
const ORDER: readonly Mark[] = ['f', 'r', 'p', 'c', 'u'];

export function Mosaic({ marks }: { marks: readonly (Mark | undefined)[] }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const step = Math.max(1, Math.ceil(marks.length / DOTS));
  const dots = Math.ceil(marks.length / step);
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context) return;
    const none = colourOf(element, '--todo');
    const colours = new Map(ORDER.map((mark) => [mark, colourOf(element, COLOURS[mark])]));
    const width = element.width / dots;
    context.clearRect(0, 0, element.width, element.height);
    for (let dot = 0; dot < dots; dot++) {
      const mark = ORDER.find((wanted) => marks.slice(dot * step, (dot + 1) * step).includes(wanted));
      context.fillStyle = (mark && colours.get(mark)) ?? none;
      context.fillRect(dot * width, 0, Math.max(1, width - 1), element.height);
    }
  }, [marks, dots, isDark.value]);
  return (
    <canvas
      ref={canvas}
      class="mosaic"
      width={1200}
      height={16}
      role="img"
      aria-label="The items in their order"
    />
  );
}
