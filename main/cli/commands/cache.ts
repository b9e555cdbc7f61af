import type { Command } from 'commander';
import { addCommand } from '../command.ts';
import { bytesText } from '../quantities.ts';

export const addCacheCommand = (program: Command): void =>
  addCommand<{ clear?: true }>(program, {
    usage: 'cache',
    description: 'show how much the decompositions kept for later runs take, or remove them',
    options: { '--clear': 'remove them; later runs decompose again' },
    run: async ({ call }, { clear }) => {
      const cache = await call(clear ? 'app.clearCache' : 'app.showCache', {});
      const held = `${cache.files} decompositions, ${bytesText(cache.bytes)}`;
      return { document: cache, text: clear ? `Removed ${held}.` : `${held} in ${cache.directory}` };
    },
  });
