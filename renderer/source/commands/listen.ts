import type { Command } from './command.ts';
import { isForeign, pressOf } from './keys.ts';

/** Milliseconds until a first key is forgotten. */
const patience = 1500;

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  target.closest(
    'input, textarea, select, [contenteditable], [role="dialog"], [role="listbox"], [role="menu"]',
  ) !== null;

const isDialogOpen = (): boolean => document.querySelector('[role="dialog"]') !== null;

/**
 * Follows keys and hands on the command that they spell. Single keys are not heard where somebody types, chords are; a dialog that is open has
 * all keys to itself.
 */
export const createKeyListener = (
  commands: () => readonly Command[],
  perform: (command: Command) => void,
): ((event: KeyboardEvent) => void) => {
  let pressed: string[] = [];
  let last = 0;

  return (event) => {
    if (event.defaultPrevented || isForeign(event)) return;
    const press = pressOf(event);
    const isChord = press.includes('+');
    if (isDialogOpen() || (isTyping(event.target) && !isChord)) return;
    pressed = isChord || event.timeStamp - last > patience ? [press] : [...pressed, press].slice(-2);
    last = event.timeStamp;
    const command = spelt(commands(), pressed) ?? spelt(commands(), pressed.slice(-1));
    if (command === undefined) return;
    pressed = [];
    event.preventDefault();
    perform(command);
  };
};

const spelt = (commands: readonly Command[], pressed: readonly string[]): Command | undefined =>
  commands.find(
    ({ keys, href, run }) => (href ?? run) !== undefined && keys?.join(' ') === pressed.join(' '),
  );
