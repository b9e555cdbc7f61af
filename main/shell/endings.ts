import type { ExperimentSummary, WorkbenchEvent } from '../api/contract.ts';
import { isActive, type RunStatus } from '../api/contract.ts';

/** What a person is told of an experiment that is over. */
export interface Ending {
  readonly experimentId: string;
  readonly title: string;
  readonly body: string;
}

const count = ({ statuses }: ExperimentSummary, wanted: readonly RunStatus[]): number =>
  wanted.reduce((sum, status) => sum + (statuses[status] ?? 0), 0);

const isUnderWay = ({ statuses }: ExperimentSummary): boolean =>
  (Object.keys(statuses) as RunStatus[]).some(isActive);

const runs = (number: number): string => (number === 1 ? '1 run' : `${number} runs`);

/** Undefined where it came to rest because somebody paused or cancelled it. */
const endingOf = (experiment: ExperimentSummary): Ending | undefined => {
  const failed = count(experiment, ['failed', 'interrupted']);
  const completed = count(experiment, ['completed']);
  const resting = count(experiment, ['paused', 'cancelled']);
  if (failed === 0 && (completed === 0 || resting > 0)) return undefined;
  const { id: experimentId, name } = experiment;
  return failed > 0
    ? { experimentId, title: `${name}: ${runs(failed)} failed`, body: 'Its page says why, and what to try.' }
    : {
        experimentId,
        title: `${name} is done`,
        body: `${runs(completed)} trained; the result is on its page.`,
      };
};

/** Hears events and tells of experiments that were under way and are over. Those of comparisons end with their comparison, so they say nothing. */
export const createEndings = (): ((event: WorkbenchEvent) => Ending[]) => {
  const underWay = new Set<string>();
  return (event) => {
    if (event.name !== 'experiments.changed') return [];
    return event.payload.changed.flatMap((experiment) => {
      if (isUnderWay(experiment)) underWay.add(experiment.id);
      else if (underWay.delete(experiment.id) && experiment.comparisonId === null)
        return endingOf(experiment) ?? [];
      return [];
    });
  };
};
