import type { Run } from '../api/contract.ts';
import { exitCodes } from './exit-codes.ts';
import { exitCodeOf, type EndSignal } from './interrupts.ts';
import { countText, plural } from './quantities.ts';

/**
 * What came of runs that did not get to their end: that all of them are paused, or which are not, what that loses, and from where each goes on.
 * @param runs those that are not completed
 * @param command goes on with them
 */
export const restText = (runs: readonly Run[], command: string): string => {
  const lost = runs.filter(isCutOff);
  return lost.length === 0
    ? `Paused. Go on with: ${command}`
    : [...lost.map(lossText), `Go on with: ${command}`].join('\n');
};

/** @param signal by which the program was asked to end, if it was */
export const exitCodeOfRest = (runs: readonly Run[], signal: EndSignal | null): number => {
  if (runs.some(isCutOff)) return exitCodes.failed;
  return signal === null ? exitCodes.interrupted : exitCodeOf(signal);
};

/** Others wait, were not begun, or have a checkpoint of their last step. */
const isCutOff = ({ status }: Pick<Run, 'status'>): boolean =>
  status === 'interrupted' || status === 'failed';

/** `LoRA was cut off after step 57: 17 steps are lost, it goes on from step 40` */
const lossText = ({ configuration: { name }, status, step, checkpointStep }: Run): string => {
  const how = status === 'failed' ? 'failed' : 'was cut off';
  const from = checkpointStep ?? 0;
  const lost =
    step > from
      ? `${plural(step - from, 'step')} ${step - from === 1 ? 'is' : 'are'} lost`
      : 'nothing is lost';
  const where = from === 0 ? 'it begins anew' : `it goes on from step ${countText(from)}`;
  return `${name} ${how} after step ${countText(step)}: ${lost}, ${where}`;
};
