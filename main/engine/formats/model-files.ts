import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { WorkbenchError } from '../errors.ts';
import { isModelFile } from './diffusion/checkpoint-name.ts';
import { isPipeline, pipelineFiles } from './diffusion/pipeline-folder.ts';
import type { ModelFileKind } from './model-file-schema.ts';
import type { ModelFileName } from './model-file-name.ts';
import { isOpenClip } from './open-clip/folder.ts';
import { furtherTemplates, weightFilesIn } from './model-folder.ts';

export type { ModelFileName } from './model-file-name.ts';

/**
 * The files beside the weights that are read: another content of one of them is another model, or other tokens. Files that an export
 * hands on as they are and nothing reads (generation_config.json, vocab.json, LICENSE) say nothing of what was trained.
 */
const readBeside: readonly (readonly [RegExp, ModelFileKind])[] = [
  [/^config\.json$/, 'config'],
  // How a model of pictures sees them.
  [/^(preprocessor|processor)_config\.json$/, 'config'],
  [/^(tokenizer|tokenizer_config|added_tokens|special_tokens_map)\.json$/, 'tokenizer'],
  [/^chat_template\.(jinja|json)$/, 'tokenizer'],
  [/^additional_chat_templates\//, 'tokenizer'],
];

/** Read where it stands alone; beside a config.json it says nothing here. */
const openClipsOwn = [/^open_clip_config\.json$/, 'config'] as const;

/**
 * The files of a folder that make the model what it is, sorted by name. Of a folder with an index that cannot be read, the index.
 * @throws not-found where there is no such folder
 */
export const modelFilesOf = (directory: string): ModelFileName[] => {
  if (!existsSync(directory)) throw new WorkbenchError('not-found', `${directory}: no such folder`);
  if (isModelFile(directory)) return [{ name: basename(directory), kind: 'weights' }];
  const names = readdirSync(directory);
  if (isPipeline(names)) return pipelineFiles(directory).sort(byName);
  const readHere = isOpenClip(names) ? [...readBeside, openClipsOwn] : readBeside;
  const weights = weightFilesIn(directory, names).filter((name) => existsSync(join(directory, name)));
  const beside = [...names, ...furtherTemplates(directory, names)].flatMap((name) => {
    const kind = readHere.find(([pattern]) => pattern.test(name))?.[1];
    return kind === undefined ? [] : [{ name, kind }];
  });
  return [...weights.map((name) => ({ name, kind: 'weights' as const })), ...beside].sort(byName);
};

export const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  a.name < b.name ? -1 : 1;
