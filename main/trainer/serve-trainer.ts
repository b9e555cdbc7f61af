import { dirname } from 'node:path';
import { makeAllForGroup } from '../engine/formats/group-rights.ts';
import type { HeldSignals } from './process/end-signals.ts';
import { holdMemoryLimit } from './process/memory-limit.ts';
import { connectParent } from './process/parent-port.ts';
import { serveJobs, type Jobs } from './process/serve-jobs.ts';

/** What a trainer process runs. Each job is loaded when asked for: an export has no use for the training loop. */
const jobs: Jobs = {
  train: async (runs, context) => {
    for (const { specification } of runs) makeAllForGroup(dirname(specification.runDirectory));
    const { trainRuns } = await import('./run/group/train-runs.ts');
    await trainRuns(runs, context);
  },
  export: async (specification, context) => {
    const { exportRun } = await import('./export/export-run.ts');
    await exportRun(specification, context);
  },
  import: async (specification, context) => {
    makeAllForGroup(dirname(specification.destination));
    const { importAdapter } = await import('./export/import-adapter.ts');
    await importAdapter(specification, context);
  },
  bench: async (specification, context) => {
    const { benchRun } = await import('./measure/bench-run.ts');
    await benchRun(specification, context);
  },
  'bench-decoding': async (specification, context) => {
    const { benchDecoding } = await import('./measure/bench-decoding.ts');
    await benchDecoding(specification, context);
  },
  score: async (specification, context) => {
    const { scoreSubjects } = await import('./score/score-subjects.ts');
    await scoreSubjects(specification, context);
  },
  fidelity: async (specification, context) => {
    const { measureFidelity } = await import('./fidelity/measure-fidelity.ts');
    await measureFidelity(specification, context);
  },
  probe: async (device, context) => {
    const { probeDevice } = await import('./measure/probe-device.ts');
    context.emit({ type: 'probed', ...(await probeDevice(device)) });
  },
  diagnose: async (specification, context) => {
    const { diagnoseRuns } = await import('./diagnose/diagnose-runs.ts');
    context.emit({ type: 'diagnosed', diagnosis: await diagnoseRuns(specification, context) });
  },
  combine: async (specification, context) => {
    if (specification.destination !== null) makeAllForGroup(dirname(specification.destination));
    const { combineJob } = await import('./combine/combine-job.ts');
    await combineJob(specification, context);
  },
  decompose: async (specification, context) => {
    const { decomposeWeights } = await import('./decompose/decompose-weights.ts');
    await decomposeWeights(specification, context);
  },
  estimate: async (question, context) => {
    const { answerMemory } = await import('./measure/answer-memory.ts');
    context.emit({ type: 'estimated', answer: answerMemory(question) });
  },
  generate: async (specification, context) => {
    const { answerQuestions } = await import('./generate/answer-questions.ts');
    await answerQuestions(specification, context);
  },
  classify: async (specification, context) => {
    const { answerPictures } = await import('./classify/answer-pictures.ts');
    await answerPictures(specification, context);
  },
  draw: async (specification, context) => {
    const { answerDrawings } = await import('./draw/answer-drawings.ts');
    await answerDrawings(specification, context);
  },
  budget: async (question, context) => {
    const { answerBudgets } = await import('./measure/answer-budgets.ts');
    context.emit({ type: 'budgeted', budgets: answerBudgets(question) });
  },
  overlap: async (runs, context) => {
    const { answerOverlap } = await import('./measure/answer-overlap.ts');
    context.emit({ type: 'overlapped', overlap: answerOverlap(runs) });
  },
  survey: async (question, context) => {
    const { answerSurvey } = await import('./measure/answer-survey.ts');
    context.emit({ type: 'surveyed', answer: answerSurvey(question) });
  },
};

/** Takes the parent's job, or files to read, until it lets go. */
export const serveTrainer = (signals: HeldSignals): void => {
  holdMemoryLimit();
  serveJobs(connectParent(), jobs, signals, async (command, emit) => {
    const { readFiles } = await import('./read/read-files.ts');
    await readFiles(command, emit);
  });
};
