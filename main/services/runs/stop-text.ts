import type { Run } from '../shared/entities.ts';

/** Shorter waits are over before they are read. */
const shortestToldSeconds = 5;

/** What a run has to do yet when it is asked to stop: `LoRA finishes its step (about 40 s)` */
export const stopText = ({ configuration: { name }, progress, latest, step }: StoppingRun): string => {
  switch (progress?.phase) {
    case 'training':
      return `${name} finishes its step${durationText(latest['train/step_seconds'] ?? 0)}`;
    case 'saving':
      return `${name} is done, and is saved`;
    case 'evaluating':
    case 'sampling':
      return step === 0 ? `${name} finishes its first evaluation` : `${name} leaves its evaluation`;
    case 'drawing':
      return `${name} leaves its drawing, and finds those pictures again that are done`;
    default:
      return `${name} stops before its next step`;
  }
};

type StoppingRun = Pick<Run, 'configuration' | 'progress' | 'latest' | 'step'>;

const durationText = (seconds: number): string => {
  if (seconds < shortestToldSeconds) return '';
  return seconds < 100 ? ` (about ${Math.round(seconds)} s)` : ` (about ${Math.round(seconds / 60)} min)`;
};
