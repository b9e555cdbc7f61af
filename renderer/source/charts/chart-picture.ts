import { resolveColour } from './chart-options.ts';
import { placed } from './legend-rows.ts';
import type { RunLook } from '../format/run-look.ts';

interface Picture {
  /** Where the chart is: colours and the typeface are asked for there. */
  frame: HTMLElement;
  chart: HTMLCanvasElement;
  title: string;
  legend: readonly { name: string; look: RunLook }[];
}

const edge = 16;
const line = 18;
const sample = 26;

/** The chart as it is shown, with its title over it and its runs beneath, as PNG. */
export const chartPicture = ({ frame, chart, title, legend }: Picture): Promise<Blob> => {
  const ratio = chart.width / chart.clientWidth;
  const family = getComputedStyle(frame).fontFamily;
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d')!;
  const font = (weight: number, size: number): string => `${weight} ${size}px ${family}`;
  const width = chart.clientWidth + 2 * edge;

  context.font = font(400, 12);
  const places = placed(
    legend.map(({ name }) => sample + 6 + context.measureText(name).width + 18),
    width - 2 * edge,
  );
  const legendTop = edge + 24 + chart.clientHeight + 10;
  const rows = (places.at(-1)?.row ?? -1) + 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round((legendTop + rows * line + edge) * ratio);
  context.scale(ratio, ratio);

  context.fillStyle = resolveColour(frame, 'var(--background)');
  context.fillRect(0, 0, width, canvas.height / ratio);
  context.drawImage(chart, edge, edge + 24, chart.clientWidth, chart.clientHeight);
  context.textBaseline = 'middle';
  context.fillStyle = resolveColour(frame, 'var(--text)');
  context.font = font(600, 14);
  context.fillText(title, edge, edge + 8);
  context.font = font(400, 12);
  for (const [index, { name, look }] of legend.entries()) {
    const { left, row } = places[index]!;
    const [x, y] = [edge + left, legendTop + row * line + line / 2];
    context.fillText(name, x + sample + 6, y);
    context.strokeStyle = resolveColour(frame, look.colour);
    context.lineWidth = 2.5;
    context.setLineDash([...look.dash]);
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(x + sample, y);
    context.stroke();
  }
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) =>
      blob === null ? reject(new Error('the picture is larger than the browser can make')) : resolve(blob),
    ),
  );
};
