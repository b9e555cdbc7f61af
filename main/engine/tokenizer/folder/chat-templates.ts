import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { invalidInput } from '../../errors.ts';
import { isObject } from '../../json-value.ts';
import { readText } from '../../formats/json-text.ts';
import { pathIn } from '../../formats/path-in.ts';

const folderName = 'additional_chat_templates';

/** As Python reads a text file: all line breaks become \n. */
const readTemplate = (path: string): string => readText(path).replaceAll(/\r\n?/g, '\n');

/**
 * The model's Jinja chat templates by name; the usual one is named "default". Files of their own come before what
 * tokenizer_config.json holds, and take its place whole.
 * @throws WorkbenchError naming the file
 */
export const readChatTemplates = (
  directory: string,
  config: Readonly<Record<string, unknown>>,
  legacyFile: Readonly<Record<string, unknown>>,
): ReadonlyMap<string, string> => {
  const templates = new Map<string, string>();
  const main = pathIn(directory, 'chat_template.jinja');
  if (existsSync(main)) templates.set('default', readTemplate(main));
  const folder = join(directory, folderName);
  if (existsSync(folder))
    for (const file of readdirSync(folder).toSorted())
      if (file.endsWith('.jinja'))
        templates.set(basename(file, '.jinja'), readTemplate(pathIn(directory, `${folderName}/${file}`)));
  if (templates.size > 0) return templates;
  return declaredTemplates(config['chat_template'] ?? legacyFile['chat_template'], directory);
};

/** A text, a list of named texts, or an object of them. */
const declaredTemplates = (declared: unknown, directory: string): ReadonlyMap<string, string> => {
  if (declared === undefined || declared === null) return new Map();
  if (typeof declared === 'string') return new Map([['default', declared]]);
  const entries: [unknown, unknown][] = Array.isArray(declared)
    ? declared.map((entry) => (isObject(entry) ? [entry['name'], entry['template']] : [null, null]))
    : isObject(declared)
      ? Object.entries(declared)
      : [[null, null]];
  return new Map(
    entries.map(([name, template]): [string, string] => {
      if (typeof name !== 'string' || typeof template !== 'string')
        throw invalidInput(
          `${join(directory, 'tokenizer_config.json')}: chat_template: must be a text or texts with names`,
        );
      return [name, template];
    }),
  );
};
