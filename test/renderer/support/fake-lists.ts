import type { Experiment, ExperimentSummary, Run, RunRow } from '../../../main/api/contract.ts';

/** A part of a list, as the workbench gives it: here a cursor is a place in it. */
export const pageOf = <Item>(
  list: readonly Item[],
  { cursor, limit }: { cursor?: string | undefined; limit: number },
): { items: Item[]; total: number; next: string | null } => {
  const start = Number(cursor ?? 0);
  const end = start + limit;
  return {
    items: list.slice(start, end),
    total: list.length,
    next: end < list.length ? String(end) : null,
  };
};

export const summaryOfExperiment = ({
  definition: _,
  objective: __,
  runs,
  ...rest
}: Experiment): ExperimentSummary => {
  const losses = runs.flatMap(({ status, summary }) =>
    status === 'completed' && summary !== null ? [summary['validation/loss'] ?? Infinity] : [],
  );
  const counted = Map.groupBy(runs, ({ status }) => status);
  return {
    ...rest,
    statuses: Object.fromEntries([...counted].map(([status, of]) => [status, of.length])),
    bestLoss: losses.length === 0 ? null : Math.min(...losses),
  };
};

export const rowOfRun = (experiment: Experiment, run: Run): RunRow => ({
  id: run.id,
  experimentId: experiment.id,
  experimentName: experiment.name,
  place: experiment.runs.indexOf(run),
  name: run.configuration.name,
  method: run.configuration.adapter.method,
  status: run.status,
  step: run.step,
  steps: run.steps,
  adapterId: run.adapterId,
  tags: [],
  note: '',
  isArchived: false,
  createdAt: run.createdAt,
  startedAt: run.startedAt,
  endedAt: run.endedAt,
  values: {},
});
