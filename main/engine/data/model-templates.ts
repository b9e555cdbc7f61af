import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isObject, readJsonObject, readText } from '../formats/json-text.ts';
import type { Tokenizer } from './tokenizer.ts';

/**
 * A model's chat templates: the default one, and tool_use where there is one, which transformers takes for rows with tools. Files of their own
 * (chat_template.jinja, additional_chat_templates/) come before chat_template in tokenizer_config.json, a text or a list of named ones.
 */
export function readChatTemplates(
  directory: string,
  config: Readonly<Record<string, unknown>>,
): Pick<Tokenizer, 'chatTemplate' | 'toolChatTemplate'> {
  const inFiles = {
    default: readTemplate(join(directory, 'chat_template.jinja')),
    tool_use: readTemplate(join(directory, 'additional_chat_templates', 'tool_use.jinja')),
  };
  const isInFiles = Object.values(inFiles).some((template) => template !== undefined);
  const templates: Record<string, string | undefined> = isInFiles
    ? inFiles
    : declaredTemplates(directory, config);
  return {
    ...(templates['default'] !== undefined && { chatTemplate: templates['default'] }),
    ...(templates['tool_use'] !== undefined && { toolChatTemplate: templates['tool_use'] }),
  };
}

const readTemplate = (path: string): string | undefined => (existsSync(path) ? readText(path) : undefined);

function declaredTemplates(
  directory: string,
  config: Readonly<Record<string, unknown>>,
): Record<string, string> {
  const older = join(directory, 'chat_template.json');
  const declared =
    config['chat_template'] ?? (existsSync(older) ? readJsonObject(older)['chat_template'] : undefined);
  if (typeof declared === 'string') return { default: declared };
  if (!Array.isArray(declared)) return {};
  return Object.fromEntries(
    declared
      .filter((entry) => isObject(entry))
      .filter((entry) => typeof entry['template'] === 'string')
      .map((entry) => [String(entry['name']), entry['template'] as string]),
  );
}
