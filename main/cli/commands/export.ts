import type { Command } from 'commander';
import type { ExportKind } from '../../api/contract.ts';
import { invalidInput } from '../../engine/errors.ts';
import { readPart } from '../adapter-parts.ts';
import { addCommand, type CommandContext } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { exportRun, exportText } from '../export-run.ts';
import { assertFreeFolder } from '../../services/adapters/free-folder.ts';
import { givenPath } from '../../services/shared/given-path.ts';
import { allAdapters, allRuns } from '../list-all.ts';
import { pickExported } from '../pick.ts';

interface ExportOptions {
  readonly adapter?: string[];
  readonly kind?: ExportKind;
  readonly to?: string;
}

export const addExportCommand = (program: Command): void =>
  addCommand<ExportOptions>(program, {
    usage: 'export [run]',
    description: 'write the weights of a completed run, or of an imported adapter, for other tools',
    options: {
      '--adapter <adapter=weight...>':
        'in place of a run, the sum of adapters of one model, each with its weight: --adapter a=0.7 --adapter b=0.3; it is kept in the library, too',
      '--kind <kind>':
        '`merged` for a Hugging Face folder (the default), `adapter` for a PEFT folder, `adapter-with-base` for one on the base that PiSSA and its like leave, `clip-lora` for the file of CLIP-LoRA; of a model that draws pictures `kohya` for ComfyUI, A1111 and Forge, `diffusers` for its own file, `checkpoint` for merged weights as one .safetensors',
      '--to <folder>': 'a folder that is not there yet, or is empty',
    },
    run: async (context, { kind = 'merged', to, adapter: parts = [] }, wanted = '') => {
      const destination = to === undefined ? undefined : givenPath(to, '--to');
      // Before adapters are added up, since their sum stays.
      if (destination !== undefined) assertFreeFolder(destination);
      const subject = await subjectOf(context, wanted, parts);
      const exported = await exportRun(context, { ...subject, kind, destination });
      const isDone = exported.status === 'completed';
      return {
        document: exported,
        text: exportText(exported),
        exitCode: isDone ? exitCodes.done : exitCodes.failed,
      };
    },
  });

const subjectOf = async (
  { call }: CommandContext,
  wanted: string,
  parts: readonly string[],
): Promise<{ runId: string } | { adapterId: string }> => {
  if (parts.length === 0)
    return pickExported(await allRuns(call), await allAdapters(call, { imported: true }), wanted);
  if (wanted !== '')
    throw invalidInput(`--adapter: adds adapters up in place of a run; leave out "${wanted}", or the flag`);
  const adapters = await allAdapters(call);
  const { id } = await call('adapters.combine', { parts: parts.map((part) => readPart(part, adapters)) });
  return { adapterId: id };
};
