import type { Command } from 'commander';
import { clearablePartNames } from '../../api/contract.ts';
import { invalidInput } from '../../engine/errors.ts';
import { addCommand } from '../command.ts';
import { bytesText, countText } from '../quantities.ts';
import { formatTable } from '../table.ts';

export const addStorageCommand = (program: Command): void =>
  addCommand<{ clear?: string }>(program, {
    usage: 'storage',
    description: 'show what the data directory holds, or remove what nothing depends on',
    options: {
      '--clear <part>':
        'bases, cache: what later runs would use again and otherwise compute again; copies: of the library, from before it was changed as a whole; leftovers: what was begun and never finished, and folders of runs and adapters that are not known',
    },
    run: async ({ call }, { clear }) => {
      if (clear !== undefined) {
        const part = clearablePartNames.find((name) => name === clear);
        if (part === undefined)
          throw invalidInput(`--clear: expected ${clearablePartNames.join(' or ')}, not "${clear}"`);
        const removed = await call('storage.clear', { part });
        return {
          document: removed,
          text: `Removed ${countText(removed.files)} files, ${bytesText(removed.bytes)}.`,
        };
      }
      const storage = await call('storage.show', {});
      const table = formatTable(storage.parts, [
        { title: 'part', text: ({ name }) => name },
        { title: 'files', text: ({ files }) => countText(files), isNumber: true },
        { title: 'size', text: ({ bytes }) => bytesText(bytes), isNumber: true },
      ]);
      return {
        document: storage,
        text: `${storage.directory}, ${bytesText(storage.freeBytes)} free on its disk\n\n${table}`,
      };
    },
  });
