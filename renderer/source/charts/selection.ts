import type uPlot from 'uplot';
import type { Zoom } from './chart-options.ts';

/** So few pixels are a click that trembled. */
const least = 6;

/** What was dragged over, which is then no longer marked. Undefined where that is nothing. */
export const selectedView = (chart: uPlot): Zoom | undefined => {
  const { left, top, width, height } = chart.select;
  if (width === 0 || height === 0) return undefined;
  chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  // uPlot stretches a drag along one axis over the whole of the other.
  const { clientWidth, clientHeight } = chart.over;
  const isAcross = width < clientWidth - 1;
  const isAlong = height < clientHeight - 1;
  if ((!isAcross || width < least) && (!isAlong || height < least)) return undefined;
  return {
    ...(isAcross && { x: [chart.posToVal(left, 'x'), chart.posToVal(left + width, 'x')] as const }),
    ...(isAlong && { y: [chart.posToVal(top + height, 'y'), chart.posToVal(top, 'y')] as const }),
  };
};
