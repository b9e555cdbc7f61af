import type { MenuCommand } from '../../../main/api/contract-channels.ts';
import type { Command } from './command.ts';

/** Moving in a list is for keys alone. */
const isForKeys = ({ keys }: Command): boolean => keys?.length === 1 && /^[a-z]$/.test(keys[0]!);

/** As a menu bar shows them. Only a chord has a place there: a menu would take single keys away from whoever types. */
export const menuCommands = (commands: readonly Command[]): MenuCommand[] =>
  commands
    .filter((command) => !isForKeys(command))
    .map(({ id, title, group, keys }) => {
      const [chord] = keys ?? [];
      return { id, title, group, ...(chord?.startsWith('Mod+') && { keys: chord }) };
    });
