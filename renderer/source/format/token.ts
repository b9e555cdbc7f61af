/** Line breaks, tabs and spaces are tokens too, so they are drawn. */
export const visibleText = (text: string): string =>
  text === '' ? '∅' : text.replaceAll('\n', '↵').replaceAll('\t', '⇥').replaceAll(' ', '␣');
