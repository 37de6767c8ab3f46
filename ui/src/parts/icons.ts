// The pictograms, drawn on a grid of 20 and stroked. One path each, so that a component can draw them without markup.

/** A circle as a path. */
const circle = (x: number, y: number, r: number) => `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;

export const ICONS = {
  plus: 'M10 4v12M4 10h12',
  settings: `M3 6h7M14 6h3M3 14h3M10 14h7${circle(12, 6, 2)}${circle(8, 14, 2)}`,
  send: 'M10 16V4.5M5 9.2l5-4.9 5 4.9',
  clip: 'm15.6 9.3-5.5 5.5a3.6 3.6 0 0 1-5.1-5.1l5.9-5.9a2.4 2.4 0 0 1 3.4 3.4l-5.8 5.8a1.2 1.2 0 0 1-1.7-1.7l5.2-5.2',
  more: `${circle(4.5, 10, 0.9)}${circle(10, 10, 0.9)}${circle(15.5, 10, 0.9)}`,
  clock: `${circle(10, 10, 6.8)}M10 6.2V10l2.6 1.6`,
  alert: `M10 3.2 17.3 16H2.7L10 3.2ZM10 8.2v3.6${circle(10, 13.9, 0.4)}`,
  close: 'm5 5 10 10M15 5 5 15',
  lock: 'M6.5 9h7a2 2 0 0 1 2 2v4a2 2 0 0 1-2 2h-7a2 2 0 0 1-2-2v-4a2 2 0 0 1 2-2ZM7 9V6.5a3 3 0 0 1 6 0V9',
  unlink:
    'M4 5.5A1.5 1.5 0 0 1 5.5 4h9A1.5 1.5 0 0 1 16 5.5v6a1.5 1.5 0 0 1-1.5 1.5H9L5.7 16v-3A1.5 1.5 0 0 1 4 11.5ZM8.3 6.8l3.4 3.4M11.7 6.8l-3.4 3.4',
  down: 'm5 8 5 5 5-5',
  back: 'm12 5-5 5 5 5',
  bot: `M7 7h6a3 3 0 0 1 3 3v3a3 3 0 0 1-3 3H7a3 3 0 0 1-3-3v-3a3 3 0 0 1 3-3ZM10 7V4M7.6 11v1M12.4 11v1${circle(10, 3.4, 0.6)}`,
  offline: `M2.8 8.6a10.4 10.4 0 0 1 4-2.4M10.5 5.5a10.4 10.4 0 0 1 6.7 3.1M5.6 11.5a6.5 6.5 0 0 1 3.7-1.8M13.3 10.7c.4.2.8.5 1.1.8M3.8 3.8l12.4 12.4${circle(10, 14.8, 0.7)}`,
  bell: 'M5.5 13.5V9a4.5 4.5 0 0 1 9 0v4.5l1.2 1.5H4.3l1.2-1.5ZM8.5 17h3',
  palette: `${circle(10, 10, 7)}M10 3v14M10 6.5h6M10 10h7M10 13.500h6`,
  keys: 'M4.5 5.500h11a2 2 0 0 1 2 2v5.500a2 2 0 0 1-2 2h-11a2 2 0 0 1-2-2v-5.500a2 2 0 0 1 2-2ZM5.5 8.500h.1M8.5 8.500h.1M11.5 8.500h.1M14.5 8.500h.1M7 12h6',
  info: `${circle(10, 10, 7)}M10 9.400v4${circle(10, 6.7, 0.4)}`,
  building:
    'M4.5 17V4.500A1.5 1.5 0 0 1 6 3h5a1.5 1.5 0 0 1 1.5 1.500V17M12.5 9H14a1.5 1.5 0 0 1 1.5 1.500V17M3 17h14M7.3 6.500h2.400M7.3 9.500h2.400M7.3 12.500h2.4',
  play: `${circle(10, 10, 7)}M8.4 7.2l4.4 2.8-4.4 2.8Z`,
  photo: `M5 4h10a1.5 1.5 0 0 1 1.5 1.500v9a1.5 1.5 0 0 1-1.5 1.500H5a1.5 1.5 0 0 1-1.5-1.500v-9A1.5 1.5 0 0 1 5 4ZM3.5 13.500l4-4 4.5 4.5 2-2 2.5 2.5${circle(12.6, 8, 1.1)}`,
} as const;

/** Name of a pictogram. */
export type IconName = keyof typeof ICONS;
