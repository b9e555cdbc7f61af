import type uPlot from 'uplot';
import { formatTick } from '../format/number.ts';
import type { DrawnColumn } from './curve-data.ts';

/** How a column is drawn. */
export interface Line {
  /** Of CSS. */
  colour: string;
  look: DrawnColumn['look'];
}

interface Look {
  /** Where the chart is: custom properties are resolved there. */
  frame: HTMLElement;
  lines: readonly Line[];
  smoothing: boolean;
  lastStep: number;
  onhover: (index: number | undefined) => void;
}

/** A canvas knows no custom properties: asks the browser what they come to here. */
const resolveColour = (frame: HTMLElement, colour: string): string => {
  const probe = document.createElement('span');
  probe.style.color = colour;
  frame.append(probe);
  const resolved = getComputedStyle(probe).color;
  probe.remove();
  return resolved;
};

const faint = (colour: string): string => colour.replace(/^rgb\((.*)\)$/, 'rgba($1, 0.3)');

export const chartOptions = ({
  frame,
  lines,
  smoothing,
  lastStep,
  onhover,
}: Look): Omit<uPlot.Options, 'width' | 'height'> => {
  const colour = (name: string): string => resolveColour(frame, name);
  const axis: uPlot.Axis = {
    stroke: colour('var(--text-muted)'),
    font: `11px ${getComputedStyle(frame).fontFamily}`,
    grid: { stroke: colour('var(--border)'), width: 1 },
    ticks: { show: false },
  };
  return {
    padding: [8, 12, 0, 0],
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, points: { show: false }, y: false },
    scales: { x: { time: false, range: [0, lastStep] } },
    axes: [
      {
        ...axis,
        size: 30,
        gap: 6,
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 50_000, 100_000],
      },
      { ...axis, size: 48, gap: 6, values: (_, splits) => splits.map(formatTick) },
    ],
    series: [{}, ...lines.map((line) => looks[line.look](colour(line.colour), smoothing))],
    hooks: { setCursor: [({ cursor }) => onhover(cursor.idx ?? undefined)] },
  };
};

type SeriesOf = (colour: string, smoothing: boolean) => uPlot.Series;

const looks: Record<DrawnColumn['look'], SeriesOf> = {
  noisy: (colour, smoothing) => ({
    stroke: smoothing ? faint(colour) : colour,
    width: smoothing ? 1 : 1.5,
    spanGaps: true,
    points: { show: false },
  }),
  smoothed: (colour, smoothing) => ({
    show: smoothing,
    stroke: colour,
    width: 2,
    spanGaps: true,
    points: { show: false },
  }),
  exact: (colour) => ({ stroke: colour, width: 1.5, spanGaps: true, points: { show: false } }),
  sparse: (colour) => ({
    stroke: colour,
    width: 1.5,
    dash: [5, 4],
    spanGaps: true,
    points: { show: true, size: 8, fill: colour, stroke: colour },
  }),
};
