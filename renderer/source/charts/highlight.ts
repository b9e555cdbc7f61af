import type uPlot from 'uplot';
import { resolveColour } from './chart-options.ts';
import type { Line } from './chart-options.ts';
import type { DrawnColumn } from './curve-data.ts';

/** Draws one run's curves once more, over all others, without drawing those again. */
export const drawHighlight = (
  chart: uPlot,
  overlay: HTMLCanvasElement,
  frame: HTMLElement,
  columns: readonly DrawnColumn[],
  lines: readonly Line[],
  runId: string | undefined,
): void => {
  const { canvas } = chart.ctx;
  if (overlay.width !== canvas.width || overlay.height !== canvas.height) {
    overlay.width = canvas.width;
    overlay.height = canvas.height;
    overlay.style.width = canvas.style.width || `${chart.width}px`;
    overlay.style.height = canvas.style.height || `${chart.height}px`;
  }
  const context = overlay.getContext('2d');
  if (context === null) return;
  context.clearRect(0, 0, overlay.width, overlay.height);
  if (runId === undefined) return;
  const { left, top, width, height } = chart.bbox;
  const ratio = canvas.width / chart.width;
  const look = lines[columns.findIndex((column) => column.runId === runId)]?.look;
  if (look === undefined) return;
  context.save();
  context.strokeStyle = context.fillStyle = resolveColour(frame, look.colour);
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  context.lineJoin = 'round';
  for (const [index, column] of columns.entries()) {
    const line = lines[index];
    if (column.runId !== runId || line === undefined) continue;
    context.globalAlpha = column.look === 'raw' ? 0.35 : 1;
    context.lineWidth = (column.look === 'raw' ? 1 : 2.5) * ratio;
    context.setLineDash(column.look === 'raw' ? [] : look.dash.map((length) => length * ratio));
    context.beginPath();
    const dots: [number, number][] = [];
    for (const [at, value] of column.values.entries()) {
      if (value === null || value === undefined) continue;
      const point = [
        chart.valToPos(chart.data[0][at]!, 'x', true),
        chart.valToPos(value, 'y', true),
      ] as const;
      context.lineTo(...point);
      if (column.look === 'sparse') dots.push([...point]);
    }
    context.stroke();
    for (const [x, y] of dots) {
      context.beginPath();
      context.arc(x, y, 4 * ratio, 0, 2 * Math.PI);
      context.fill();
    }
  }
  context.restore();
};
