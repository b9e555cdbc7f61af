import { expect, it } from 'vitest';
import { findCommands } from '../../renderer/source/commands/find-commands.ts';
import { matchScore } from '../../renderer/source/commands/match.ts';
import type { Command } from '../../renderer/source/commands/command.ts';

const command = (title: string, group: Command['group'], more: Partial<Command> = {}): Command => ({
  id: title,
  title,
  group,
  href: '#',
  ...more,
});
const listedOnly: Command = { id: 'create', title: 'Create and start', group: 'On this page' };
const commands = [
  command('Pause', 'On this page', { keys: ['p'] }),
  command('New experiment', 'Create'),
  command('Go to experiments', 'Go to'),
  listedOnly,
];
const things = Array.from({ length: 20 }, (_, at) => command(`sea ${at}`, 'Open', { also: 'experiment' }));
const titles = (typed: string): string[] =>
  findCommands(commands, things, typed).flatMap((found) => found.commands.map(({ title }) => title));

it('finds every word typed, at beginnings of words first', () => {
  expect(matchScore({ title: 'New experiment' }, 'exp new')).toBeGreaterThan(0);
  expect(matchScore({ title: 'New experiment' }, 'exp old')).toBe(0);
  expect(matchScore({ title: 'New experiment' }, 'exp')).toBeGreaterThan(
    matchScore({ title: 'New experiment' }, 'perim'),
  );
  expect(matchScore({ title: 'sea', also: 'experiment' }, 'experiment')).toBeLessThan(
    matchScore({ title: 'experiment' }, 'experiment'),
  );
  expect(matchScore({ title: 'a (b' }, '(b')).toBeGreaterThan(0);
  expect(matchScore({ title: 'reuse and use' }, 'use')).toBeGreaterThan(
    matchScore({ title: 'reuse' }, 'use'),
  );
});

it('shows what the page offers while nothing is typed, and no things', () => {
  expect(titles(' ')).toEqual(['Pause', 'New experiment', 'Go to experiments']);
});

it('puts the group with the best first and keeps the groups short', () => {
  expect(titles('experiment').slice(0, 2)).toEqual(['New experiment', 'Go to experiments']);
  expect(titles('sea')).toHaveLength(8);
  expect(titles('no such thing')).toEqual([]);
});
