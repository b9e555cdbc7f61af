import type { Command } from 'commander';
import { addCommand } from '../command.ts';
import { comparisonText } from '../comparison-text.ts';
import { pick } from '../pick.ts';

export const addCompareCommand = (program: Command): void =>
  addCommand(program, {
    usage: 'compare <experiment>',
    description: "show an experiment's runs side by side",
    run: async ({ call }, _, wanted = '') => {
      const { id } = pick(await call('experiments.list', {}), wanted, 'experiment');
      const comparison = await call('experiments.compare', { id });
      return { document: comparison, text: comparisonText(comparison) };
    },
  });
