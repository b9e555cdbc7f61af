import type { Command } from 'commander';
import type { ExportKind } from '../../api/contract.ts';
import { addCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { exportRun, exportText } from '../export-run.ts';
import { givenPath } from '../../services/shared/given-path.ts';
import { allAdapters, allRuns } from '../list-all.ts';
import { pickExported } from '../pick.ts';

interface ExportOptions {
  readonly kind?: ExportKind;
  readonly to?: string;
}

export const addExportCommand = (program: Command): void =>
  addCommand<ExportOptions>(program, {
    usage: 'export <run>',
    description: 'write the weights of a completed run, or of an imported adapter, for other tools',
    options: {
      '--kind <kind>':
        '`merged` for a Hugging Face folder (the default), `adapter` for a PEFT folder, `adapter-with-base` for one on the base that PiSSA and its like leave',
      '--to <folder>': 'a folder that is not there yet, or is empty',
    },
    run: async (context, { kind = 'merged', to }, wanted = '') => {
      const subject = pickExported(
        await allRuns(context.call),
        await allAdapters(context.call, { imported: true }),
        wanted,
      );
      const destination = to === undefined ? undefined : givenPath(to, '--to');
      const exported = await exportRun(context, { ...subject, kind, destination });
      const isDone = exported.status === 'completed';
      return {
        document: exported,
        text: exportText(exported),
        exitCode: isDone ? exitCodes.done : exitCodes.failed,
      };
    },
  });
