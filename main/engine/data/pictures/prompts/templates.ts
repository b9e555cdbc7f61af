import { invalidInput } from '../../../errors.ts';

/** What CLIP-LoRA asks on every data set. */
export const plainTemplate = 'a photo of a {}.';

const placeholder = '{}';

/**
 * Holds a template to one placeholder, `{}`, for the name of a class.
 * @param place the field, for errors
 * @throws WorkbenchError where it has none, several, or other braces
 */
export const checkTemplate = (template: string, place = 'template'): string => {
  const pieces = template.split(placeholder);
  if (pieces.length === 1)
    throw invalidInput(
      `${place}: "${template}" has no placeholder, so it is the same for every class: write {} where the class is named, as in "${plainTemplate}"`,
    );
  if (pieces.length > 2) throw invalidInput(`${place}: "${template}" has the placeholder {} more than once`);
  if (/[{}]/.test(pieces.join('')))
    throw invalidInput(`${place}: "${template}" has other braces than the placeholder {}`);
  return template;
};

/** A class as it is asked for: what joins words in the names of folders becomes a space, as CoOp and CLIP-LoRA have it. */
export const spokenName = (name: string): string => name.replaceAll('_', ' ');

/** What the text tower is given for each class. @throws WorkbenchError as checkTemplate */
export const promptsOf = (classes: readonly string[], template: string, place?: string): string[] => {
  const [before, after] = checkTemplate(template, place).split(placeholder) as [string, string];
  return classes.map((name) => `${before}${spokenName(name)}${after}`);
};
