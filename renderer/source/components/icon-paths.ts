/** Drawn on 16 × 16, stroked. */
export const iconPaths = {
  experiment: 'M2.5 2.5v11h11M5 10.5l2.5-4 2.5 2 3.5-5',
  comparison: 'M8 2v12M4.500 13.500h7M3 4.500h10M3 4.500 1 9.500h4zM13 4.500l-2 5h4z',
  model: 'M8 2 14 5 8 8 2 5zM2 8l6 3 6-3M2 11l6 3 6-3',
  data: 'M3 4c0-2.7 10-2.7 10 0v8c0 2.7-10 2.7-10 0zM3 4c0 2.7 10 2.7 10 0M3 8c0 2.7 10 2.7 10 0',
  adapter: 'M2.5 2.5h4v11h-4zM9.5 5h4v6h-4zM6.5 8h3',
  playground: 'M2.500 3h11v8H8l-3.500 3v-3h-2zM5.500 6h5M5.500 8h3',
  method: 'M2.500 3h4v4h-4zM9.500 3h4v4h-4zM2.500 9.500h4v4h-4zM9.500 11.500h4M11.500 9.500v4',
  device:
    'M4.5 4.5h7v7h-7zM6.5 2v2.500M9.5 2v2.500M6.5 11.500V14M9.5 11.500V14M2 6.500h2.500M2 9.500h2.500M11.500 6.500H14M11.500 9.500H14',
  doctor: 'M1.5 8.5h3L6.5 3l3 10.5 2-5h3',
  sun: 'M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1',
  moon: 'M13.5 9.5A6 6 0 0 1 6.500 2.5a6 6 0 1 0 7 7z',
  plus: 'M8 3v10M3 8h10',
  start: 'M4.500 2.800v10.400L13 8z',
  pause: 'M5.5 3v10M10.5 3v10',
  cancel: 'M4 4l8 8M12 4l-8 8',
  export: 'M8 10V2M5 5l3-3 3 3M3 9.500v4h10v-4',
  copy: 'M5.500 5.500h8v8h-8zM10.500 5.500v-3h-8v8h3',
  remove: 'M2.500 4.500h11M6 4.500v-2h4v2M4 4.500l.7 9h6.600l.7-9M6.700 7v4M9.300 7v4',
  folder: 'M2 4v9h12V5.500H8L6.500 4z',
  file: 'M3.500 1.500h6l3 3v10h-9zM9.500 1.500v3h3',
  check: 'M3 8.500l3.500 3.500L13 4.500',
  warning: 'M8 2 14.500 13.500h-13zM8 6.500v3.500M8 11.600v.4',
  info: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 7.500v3.500M8 5v.01',
  down: 'M4 6l4 4 4-4',
  right: 'M6 4l4 4-4 4',
  left: 'M10 4 6 8l4 4',
  more: 'M3.500 8h.01M8 8h.01M12.500 8h.01',
  keyboard: 'M1.500 4h13v8h-13zM4 6.500h.01M6.600 6.500h.01M9.300 6.500h.01M12 6.500h.01M5 9.500h6',
} as const;

export type IconName = keyof typeof iconPaths;
