import { escaped } from '../markup.ts';

type Attributes = Readonly<Record<string, string | number>>;

const attributeText = (attributes: Attributes): string =>
  Object.entries(attributes)
    .map(
      ([name, value]) =>
        ` ${name}="${typeof value === 'number' ? String(Number(value.toFixed(2))) : escaped(value)}"`,
    )
    .join('');

export const element = (name: string, attributes: Attributes, inner = ''): string =>
  `<${name}${attributeText(attributes)}${inner === '' ? '/>' : `>${inner}</${name}>`}`;

export const text = (words: string, x: number, y: number, attributes: Attributes = {}): string =>
  element('text', { x, y, ...attributes }, escaped(words));

export const line = (x1: number, y1: number, x2: number, y2: number, className: string): string =>
  element('line', { x1, y1, x2, y2, class: className });

/** A dot that says what it is when pointed at. */
export const dot = (x: number, y: number, radius: number, className: string, title: string): string =>
  element('circle', { cx: x, cy: y, r: radius, class: className }, element('title', {}, escaped(title)));

export const path = (
  points: readonly (readonly [number, number])[],
  className: string,
  closed = false,
): string =>
  element('path', {
    class: className,
    d:
      points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('') +
      (closed ? 'Z' : ''),
  });

/** A drawing with what it shows in words, for those who can't see it. */
export const drawing = (width: number, height: number, label: string, parts: readonly string[]): string =>
  element('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': label }, parts.join('\n'));

export const figure = (title: string, svg: string, caption: string): string =>
  `<figure><strong>${escaped(title)}</strong>${svg}${caption === '' ? '' : `<figcaption>${escaped(caption)}</figcaption>`}</figure>`;
