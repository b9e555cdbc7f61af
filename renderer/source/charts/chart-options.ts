import type uPlot from 'uplot';
import type { SeriesAxis } from '../../../main/api/contract.ts';
import { formatTick } from '../format/number.ts';
import { formatClock } from '../format/time.ts';
import type { RunLook } from '../format/run-look.ts';
import { paddedLogRange, paddedRange } from './axis-range.ts';
import type { Range } from './axis-range.ts';
import type { CurveLook } from './curve-data.ts';

/** How a column is drawn. */
export interface Line {
  look: RunLook;
  curve: CurveLook;
  /** Where they are few enough to be told from each other. */
  withDots: boolean;
}

/** What of the axes is looked at; all of it where nothing is said. */
export interface View {
  x: Range;
  y: Range | undefined;
}

/** What a person has chosen of it. */
export type Zoom = { [Axis in keyof View]?: Range | undefined };

export interface ChartAxes {
  x: SeriesAxis;
  isLogarithmic: boolean;
  yTitle: string;
  formatY: (value: number) => string;
}

interface Wishes {
  /** Where the chart is: custom properties are resolved there. */
  frame: HTMLElement;
  lines: readonly Line[];
  axes: ChartAxes;
  view: () => View;
  onhover: (chart: uPlot) => void;
  onselect: (chart: uPlot) => void;
  onreset: () => void;
  ondraw: (chart: uPlot) => void;
}

export const axisTitles: Record<SeriesAxis, string> = { step: 'Step', seconds: 'Training time' };

/** A canvas knows no custom properties: asks the browser what they come to here. */
export const resolveColour = (frame: HTMLElement, colour: string): string => {
  const probe = document.createElement('span');
  probe.style.color = colour;
  frame.append(probe);
  const resolved = getComputedStyle(probe).color;
  probe.remove();
  return resolved;
};

const faint = (colour: string): string => colour.replace(/^rgb\((.*)\)$/, 'rgba($1, 0.4)');

const stepTicks = Array.from({ length: 8 }, (_, power) =>
  [1, 2, 5].map((digit) => digit * 10 ** power),
).flat();
const secondTicks = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800,
  3600, 7200, 14_400, 21_600, 43_200, 86_400, 172_800, 432_000,
];

export const chartOptions = ({
  frame,
  lines,
  axes,
  view,
  onhover,
  onselect,
  onreset,
  ondraw,
}: Wishes): Omit<uPlot.Options, 'width' | 'height'> => {
  const colour = (name: string): string => resolveColour(frame, name);
  const font = `11px ${getComputedStyle(frame).fontFamily}`;
  const axis: uPlot.Axis = {
    stroke: colour('var(--text-muted)'),
    font,
    labelFont: font,
    labelSize: 16,
    labelGap: 0,
    grid: { stroke: colour('var(--border)'), width: 1 },
    ticks: { show: false },
  };
  const isTime = axes.x === 'seconds';
  return {
    padding: [8, 12, 0, 0],
    legend: { show: false },
    cursor: {
      drag: { x: true, y: true, uni: 24, setScale: false },
      points: { show: false },
      y: false,
      bind: { dblclick: () => () => (onreset(), null) },
    },
    scales: {
      x: { time: false, range: () => [...view().x] },
      y: {
        distr: axes.isLogarithmic ? 3 : 1,
        range: (_, low, high) => {
          const { y } = view();
          if (y !== undefined) return [...y];
          return (axes.isLogarithmic ? paddedLogRange : paddedRange)(low, high);
        },
      },
    },
    axes: [
      {
        ...axis,
        label: axisTitles[axes.x],
        size: 24,
        gap: 5,
        incrs: isTime ? secondTicks : stepTicks,
        ...(isTime && { values: (_: uPlot, splits: number[]) => splits.map(formatClock), space: 70 }),
      },
      {
        ...axis,
        label: axes.yTitle,
        size: (chart, values) => widthOf(chart, values, font),
        gap: 6,
        values: (_, splits) => splits.map((split) => (split === null ? null : axes.formatY(split))),
      },
    ],
    series: [{}, ...lines.map((line) => seriesOf(line, colour(line.look.colour)))],
    hooks: { setCursor: [onhover], setSelect: [onselect], draw: [ondraw] },
  };
};

/** As wide as its longest label, so that no number is cut. */
const widthOf = (chart: uPlot, values: readonly (string | null)[] | null, font: string): number => {
  const context = chart.ctx;
  context.save();
  context.font = font;
  const longest = Math.max(24, ...(values ?? []).map((text) => context.measureText(text ?? '').width));
  context.restore();
  return Math.ceil(longest) + 10;
};

const widths: Record<CurveLook, number> = { raw: 1, line: 1.5, smoothed: 2, sparse: 1.5 };

const seriesOf = ({ look, curve, withDots }: Line, colour: string): uPlot.Series => ({
  stroke: curve === 'raw' ? faint(colour) : colour,
  width: widths[curve],
  ...(curve !== 'raw' && look.dash.length > 0 && { dash: [...look.dash] }),
  spanGaps: true,
  points: withDots ? { show: true, size: 7, fill: colour, stroke: colour } : { show: false },
});

export const formatPlace = (axis: SeriesAxis, place: number): string =>
  axis === 'step' ? formatTick(Math.round(place)) : formatClock(place);
