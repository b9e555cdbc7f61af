import { commandGroups } from './command.ts';
import type { Command, CommandGroup } from './command.ts';
import { matchScore } from './match.ts';

export interface FoundGroup {
  group: CommandGroup;
  commands: Command[];
}

/** Of one group; more would bury the others. */
const mostOfGroup = 8;

/** What fits best first, the groups by their best. Nothing typed: what the page offers, then the rest, in their order. */
export const findCommands = (
  commands: readonly Command[],
  things: readonly Command[],
  typed: string,
): FoundGroup[] => {
  const isEmpty = typed.trim() === '';
  const scored = [...commands, ...(isEmpty ? [] : things)]
    .filter((command) => (command.href ?? command.run) !== undefined)
    .map((command) => ({ command, score: matchScore(command, typed) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score);
  const groups = commandGroups
    .map((group) => {
      const members = scored.filter(({ command }) => command.group === group);
      return { group, best: members[0]?.score ?? 0, commands: members.map(({ command }) => command) };
    })
    .filter(({ commands: members }) => members.length > 0);
  if (!isEmpty) groups.sort((a, b) => b.best - a.best);
  return groups.map(({ group, commands: members }) => ({
    group,
    commands: isEmpty ? members : members.slice(0, mostOfGroup),
  }));
};
