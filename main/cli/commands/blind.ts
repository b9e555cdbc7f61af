import type { Command } from 'commander';
import { testsTable, testText } from '../blind-text.ts';
import { addCommand } from '../command.ts';
import { pick } from '../pick.ts';

export const addBlindCommands = (program: Command): void => {
  const blind = program
    .command('blind')
    .description('blind tests of drawn pictures, which are made and judged in the window');

  addCommand(blind, {
    usage: 'list',
    isDefault: true,
    description: 'list them, which `nora blind` does, too',
    run: async ({ call }) => {
      const tests = await call('blind.list', {});
      return { document: tests, text: tests.length === 0 ? 'No blind tests yet.' : testsTable(tests) };
    },
  });

  addCommand(blind, {
    usage: 'show <test>',
    description: 'show what came out of one, by its name or id; of an open one only how far it is',
    run: async ({ call }, _, given) => {
      const { id } = pick(
        await call('blind.list', {}),
        given,
        'blind test',
        'nora blind list shows what there is',
      );
      const test = await call('blind.show', { id });
      return { document: test, text: testText(test) };
    },
  });
};
