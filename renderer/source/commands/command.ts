import type { IconName } from '../components/icon-paths.ts';

export const commandGroups = ['On this page', 'Create', 'Go to', 'Open', 'Appearance', 'Help'] as const;
export type CommandGroup = (typeof commandGroups)[number];

/** Something a person can do. Buttons, shortcuts, the help and the palette are all made of these. */
export interface Command {
  /** Unique among those offered at one time. */
  id: string;
  /** An order or a place, as it stands in the palette. */
  title: string;
  group: CommandGroup;
  icon?: IconName;
  /** Pressed one after the other; a chord's parts are joined by +, where Mod is Ctrl or Command. */
  keys?: readonly string[];
  /** More words by which it can be found. */
  also?: string;
  /** Where it goes. */
  href?: string;
  /** What it does, where it does not go anywhere. Neither: the page itself follows its keys, and only the help lists it. */
  run?: () => void;
}
