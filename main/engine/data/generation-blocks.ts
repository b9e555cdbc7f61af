import type { Stretch } from './stretch.ts';

// Noncharacters of Unicode: no text should have them.
const beginMark = '\uFDD0';
const endMark = '\uFDD1';

/** As transformers looks for them. */
export const hasGenerationBlocks = (template: string): boolean =>
  /\{%[-+]?\s*generation\s*[-+]?%\}/.test(template);

/**
 * Lets {% generation %} blocks print marks around their contents. Each tag becomes two tags around the mark, so that the white space on
 * either side is treated as it was at the one tag.
 */
export const markGenerationBlocks = (template: string): string =>
  template
    .replaceAll(/\{%([-+]?)\s*generation\s*([-+]?)%\}/g, `{%$1 if true %}{{ '${beginMark}' }}{% if true $2%}`)
    .replaceAll(/\{%([-+]?)\s*endgeneration\s*([-+]?)%\}/g, `{%$1 endif %}{{ '${endMark}' }}{% endif $2%}`);

/** Takes the marks out of a text. Undefined where they don't come in pairs. */
export function readMarks(marked: string): { text: string; blocks: Stretch[] } | undefined {
  const [before = '', ...parts] = marked.split(beginMark);
  const blocks: Stretch[] = [];
  let text = before;
  for (const part of parts) {
    const [inside, outside, ...more] = part.split(endMark);
    if (outside === undefined || more.length > 0) return undefined;
    blocks.push({ start: text.length, end: text.length + inside!.length });
    text += inside + outside;
  }
  return text.includes(endMark) ? undefined : { text, blocks };
}
