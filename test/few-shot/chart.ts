import { spreadOf, type Reached } from './summary.ts';

const [width, height, left, right, top, bottom] = [430, 300, 52, 14, 40, 46];
const colours = { LoRA: '#2563eb', NoRA: '#c2410c' } as const;
const methods = ['LoRA', 'NoRA'] as const;

type Point = readonly [x: number, y: number];
const along = (points: readonly Point[]): string =>
  points.map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');
const words = (text: string, x: number, y: number, more = ''): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${text}</text>`;

/** Accuracy of one set against pictures of a class: the mean over seeds, its 95 % interval as a band, zero-shot as a line. */
const panel = (set: string, reached: readonly Reached[]): string => {
  const shots = [...new Set(reached.map((one) => one.shots))].sort((a, b) => a - b);
  const lines = methods.map((method) => ({
    method,
    points: shots.map((count) => ({
      count,
      ...spreadOf(
        reached.filter((one) => one.method === method && one.shots === count).map(({ accuracy }) => accuracy),
      ),
    })),
  }));
  const zero = reached[0]!.zeroShot;
  const values = lines.flatMap(({ points }) =>
    points.flatMap(({ mean, half }) => [mean - half, mean + half]),
  );
  const low = Math.max(0, Math.floor(Math.min(zero, ...values) * 10) / 10);
  const high = Math.min(1, Math.ceil(Math.max(zero, ...values) * 10) / 10);
  const x = (count: number): number =>
    left + 12 + ((width - left - right - 24) * Math.log2(count)) / (Math.log2(shots.at(-1)!) || 1);
  const y = (value: number): number =>
    height - bottom - ((height - top - bottom) * (value - low)) / (high - low);
  const step = high - low > 0.5 ? 0.2 : 0.1;
  const ticks = Array.from({ length: Math.round((high - low) / step) + 1 }, (_, at) => low + at * step);
  return [
    words(set, left, 22, 'font-weight="600" font-size="14"'),
    ...ticks.flatMap((tick) => [
      `<path d="M${left} ${y(tick).toFixed(1)}H${width - right}" stroke="#d4d4d8" stroke-width="1"/>`,
      words(`${Math.round(100 * tick)} %`, left - 6, y(tick) + 4, 'text-anchor="end"'),
    ]),
    ...shots.map((count) => words(String(count), x(count), height - bottom + 18, 'text-anchor="middle"')),
    words('pictures of a class', (left + width - right) / 2, height - 8, 'text-anchor="middle"'),
    `<path d="M${left} ${y(zero).toFixed(1)}H${width - right}" stroke="#52525b" stroke-dasharray="5 4" stroke-width="1.5"/>`,
    words('zero-shot', width - right, y(zero) - 5, 'text-anchor="end"'),
    ...lines.flatMap(({ method, points }, place) => {
      const upper = points.map(({ count, mean, half }): Point => [x(count), y(mean + half)]);
      const lower = points.map(({ count, mean, half }): Point => [x(count), y(mean - half)]).reverse();
      const middle = points.map(({ count, mean }): Point => [x(count), y(mean)]);
      const colour = colours[method];
      return [
        `<path d="${along([...upper, ...lower])}Z" fill="${colour}" fill-opacity="0.13"/>`,
        `<path d="${along(middle)}" fill="none" stroke="${colour}" stroke-width="2"/>`,
        ...middle.map(
          ([cx, cy]) => `<circle cx="${cx.toFixed(1)}" cy="${cy.toFixed(1)}" r="3" fill="${colour}"/>`,
        ),
        words(method, width - right - 90 + 50 * place, 22, `fill="${colour}" font-weight="600"`),
      ];
    }),
  ].join('\n');
};

/** The chart of docs/vision-language.md, with what it shows in words for those who can't see it. */
export const accuracyChart = (reached: readonly Reached[]): string => {
  const sets = [...new Set(reached.map(({ set }) => set))];
  const parts = sets.map(
    (set, at) =>
      `<g transform="translate(${at * width} 0)">\n${panel(
        set,
        reached.filter((one) => one.set === set),
      )}\n</g>`,
  );
  const label = `Accuracy of LoRA and NoRA against pictures of a class, on ${sets.join(' and ')}, with zero-shot as a line`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width * sets.length} ${height}" role="img" aria-label="${label}" font-family="sans-serif" font-size="12" fill="#3f3f46">`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
};
