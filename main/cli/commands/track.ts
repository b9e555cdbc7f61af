import type { Command } from 'commander';
import { addCommand } from '../command.ts';
import type { CommandContext } from '../command.ts';
import { givenPath } from '../../services/shared/given-path.ts';
import { allComparisons, allExperiments, allRuns } from '../list-all.ts';
import { pick, runName } from '../pick.ts';
import { plural } from '../quantities.ts';
import { formatTable } from '../table.ts';
import { invalidInput } from '../../engine/errors.ts';

/** Copies of runs for the trackers that teams keep theirs in. */
export const addTrackCommands = (program: Command): void => {
  const track = program
    .command('track')
    .description(
      'copy runs to the trackers that teams keep theirs in; asked again, it completes what is there',
    );

  addCommand<{ readonly uri?: string; readonly experiment?: string }>(track, {
    usage: 'mlflow <run-experiment-or-comparison>',
    description: 'send settings, metrics and reports to an MLflow server',
    options: {
      '--uri <url>': "the server's address (MLFLOW_TRACKING_URI)",
      '--experiment <name>':
        'its name in MLflow (MLFLOW_EXPERIMENT_NAME); the same as here where neither is given',
    },
    run: async (context, { uri, experiment }, wanted = '') => {
      const sent = await context.call('trackers.mlflow', {
        ...(await subjectOf(context, wanted)),
        ...(uri !== undefined && { uri }),
        ...(experiment !== undefined && { experiment }),
      });
      const table = formatTable(sent.runs, [
        { title: 'run', text: ({ name }) => name },
        { title: 'in MLflow', text: ({ mlflowRunId }) => mlflowRunId },
        { title: 'outcome', text: ({ outcome }) => outcome },
        { title: 'values sent', text: ({ metrics }) => String(metrics), isNumber: true },
        { title: 'files sent', text: ({ files }) => String(files), isNumber: true },
      ]);
      const notices = [...new Set(sent.runs.flatMap(({ notice }) => notice ?? []))];
      return {
        document: sent,
        text: [`Experiment "${sent.experiment.name}" at ${sent.address}`, table, ...notices].join('\n'),
      };
    },
  });

  addCommand<{ readonly output?: string }>(track, {
    usage: 'tensorboard <run-experiment-or-comparison>',
    description: 'write event files, a folder for each run',
    options: { '--output <folder>': 'what tensorboard --logdir is given' },
    run: async (context, { output }, wanted = '') => {
      if (output === undefined) throw invalidInput('--output: expected a folder to write event files into');
      const written = await context.call('trackers.tensorboard', {
        ...(await subjectOf(context, wanted)),
        destination: givenPath(output, '--output'),
      });
      const table = formatTable(written.runs, [
        { title: 'run', text: ({ name }) => name },
        { title: 'values', text: ({ values }) => String(values), isNumber: true },
        { title: 'file', text: ({ file }) => file },
      ]);
      const count = plural(written.runs.length, 'run');
      return {
        document: written,
        text: `${table}\n${count} in ${written.destination}: tensorboard --logdir ${written.destination}`,
      };
    },
  });
};

/** An experiment or a comparison by its id or name; a run by its id or `experiment/configuration`. */
const subjectOf = async (
  { call }: CommandContext,
  wanted: string,
): Promise<{ runId: string } | { experimentId: string } | { comparisonId: string }> => {
  const experiments = (await allExperiments(call)).map(({ id, name }) => ({
    id,
    name,
    subject: { experimentId: id },
  }));
  const runs = (await allRuns(call)).map((row) => ({
    id: row.id,
    name: runName(row),
    subject: { runId: row.id },
  }));
  const comparisons = (await allComparisons(call)).map(({ id, name }) => ({
    id,
    name,
    subject: { comparisonId: id },
  }));
  const hint = 'nora experiment list and nora experiment status EXPERIMENT show what there is';
  return pick([...comparisons, ...experiments, ...runs], wanted, 'run, experiment or comparison', hint)
    .subject;
};
