import type { Command } from 'commander';
import { addCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { exportRun, exportText } from '../export-run.ts';
import { runExperiment } from '../run-experiment.ts';

export const addDemoCommand = (program: Command): void =>
  addCommand(program, {
    usage: 'demo',
    description: 'LoRA and NoRA on the sample model and data: train, compare, export the better one',
    run: async (context) => {
      const { call, workbench } = context;
      const { id } = await call('experiments.create', {
        definition: await call('experiments.demo', {}),
      });
      const outcome = await runExperiment(context, id);
      const { bestRunId } = outcome.document.comparison;
      if (outcome.exitCode !== exitCodes.done || bestRunId === null) return outcome;

      const exported = await exportRun(context, { runId: bestRunId, kind: 'merged' });
      return {
        document: { ...outcome.document, export: exported },
        text: `${outcome.text}\n\n${exportText(exported)}\nAll of it is kept in ${workbench.dataDirectory}: npm start shows it.`,
        exitCode: exported.status === 'completed' ? exitCodes.done : exitCodes.failed,
      };
    },
  });
