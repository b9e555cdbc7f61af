import { Command, CommanderError } from 'commander';
import type { ApiError } from '../api/contract.ts';
import { describeError } from '../api/router.ts';
import { outliveReaders } from './broken-output.ts';
import { addAdapterCommands } from './commands/adapter.ts';
import { addBackupCommands } from './commands/backup.ts';
import { addBenchCommand } from './commands/bench.ts';
import { addChatCommand } from './commands/chat.ts';
import { addCompareCommand } from './commands/compare.ts';
import { addComparisonCommands } from './commands/comparison.ts';
import { addDatasetCommands } from './commands/dataset.ts';
import { addDemoCommand } from './commands/demo.ts';
import { addDevicesCommand } from './commands/devices.ts';
import { addDiagnoseCommand } from './commands/diagnose.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addDrawCommand } from './commands/draw.ts';
import { addExperimentCommands } from './commands/experiment.ts';
import { addExportCommand } from './commands/export.ts';
import { addClassifyCommand } from './commands/classify.ts';
import { addBlindCommands } from './commands/blind.ts';
import { addFidelityCommand } from './commands/fidelity.ts';
import { addGenerateCommand } from './commands/generate.ts';
import { addModelCommands } from './commands/model.ts';
import { addQueueCommands } from './commands/queue.ts';
import { addRunCommands } from './commands/run.ts';
import { addScoreCommand } from './commands/score.ts';
import { addServeCommand } from './commands/serve.ts';
import { addStorageCommand } from './commands/storage.ts';
import { addTrackCommands } from './commands/track.ts';
import { exitCodes } from './exit-codes.ts';
import { version } from './version.ts';

/** @returns the exit code */
export const runCommandLine = async (words: readonly string[]): Promise<number> => {
  outliveReaders();
  try {
    await createProgram().parseAsync(words, { from: 'user' });
    return Number(process.exitCode ?? exitCodes.done);
  } catch (error) {
    if (error instanceof CommanderError && error.code.startsWith('commander.'))
      return endByCommander(error, words);
    return report(describeError(error), error, words);
  }
};

const createProgram = (): Command => {
  const program = new Command('nora')
    .description(
      'Fine-tune models of text, of pictures and words, and of drawing on your own machine: LoRA and NoRA, compared honestly, exported as plain weights.',
    )
    .version(version)
    .exitOverride()
    .configureOutput({ outputError: () => undefined }) // said by `report`, in one way for all errors
    .showHelpAfterError(false);
  addDemoCommand(program);
  addModelCommands(program);
  addDatasetCommands(program);
  addExperimentCommands(program);
  addRunCommands(program);
  addQueueCommands(program);
  addComparisonCommands(program);
  addCompareCommand(program);
  addAdapterCommands(program);
  addExportCommand(program);
  addDiagnoseCommand(program);
  addGenerateCommand(program);
  addClassifyCommand(program);
  addDrawCommand(program);
  addFidelityCommand(program);
  addBlindCommands(program);
  addChatCommand(program);
  addTrackCommands(program);
  addServeCommand(program);
  addDevicesCommand(program);
  addDoctorCommand(program);
  addBenchCommand(program);
  addScoreCommand(program);
  addStorageCommand(program);
  addBackupCommands(program);

  return program;
};

/** Help and version are shown already; everything else that commander throws is a mistake in how the command was written. */
const endByCommander = (error: CommanderError, words: readonly string[]): number => {
  if (error.exitCode === 0) return exitCodes.done;
  if (error.code === 'commander.help') return exitCodes.badInput;
  const message = error.message.replace(/^error: /, '').replaceAll('\n', ' ');
  return report({ code: 'invalid-input', message }, error, words);
};

const report = (problem: ApiError, error: unknown, words: readonly string[]): number => {
  if (words.includes('--json')) process.stdout.write(`${JSON.stringify({ error: problem }, null, 2)}\n`);
  else process.stderr.write(`error: ${problem.message}\n`);
  if (words.includes('--debug') && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return problem.code === 'internal' ? exitCodes.failed : exitCodes.badInput;
};
