/** The page's icons, in the colour of the surrounding text. */
const PATHS = {
  play: 'M6 4.5v11l9-5.5z',
  pause: 'M7 4.5v11M13 4.5v11',
  close: 'M5 5l10 10M15 5L5 15',
  download: 'M10 3v9M6 9l4 4 4-4M4 16.5h12',
  again: 'M15.5 10a5.5 5.5 0 1 1-1.7-4M14.5 2.5v4h-4',
  open: 'M3 16V5h5l2 2h7v9z',
  check: 'M4 10.5l4 4 8-9',
  alert: 'M10 5.5v5.5M10 14.2v.1M10 2.2a7.8 7.8 0 1 0 0 15.6a7.8 7.8 0 1 0 0-15.6',
  keyboard: 'M2.5 5.5h15v9h-15zM6 8.5h.1M10 8.5h.1M14 8.5h.1M6.5 11.7h7',
} as const;

export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg class={`icon icon-${name}`} viewBox="0 0 20 20" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
