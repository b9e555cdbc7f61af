import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openModelFolder, readWeight } from '../../main/engine/formats/model-folder.ts';
import { writeSafetensors } from '../../main/engine/formats/safetensors.ts';
import { root } from './paths.ts';

export const classificationFixtures = join(root, 'test/trainer/fixtures/classification');

export interface ClassifierChanges {
  /** Keys of config.json; undefined takes one out. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** What a weight is called in the file; undefined leaves it out. */
  readonly rename?: (name: string) => string | undefined;
}

/** Folder of a tiny random BERT or RoBERTa with three classes and a tokenizer of sixty words. */
export const writeClassifierFolder = (
  directory: string,
  architecture: 'bert' | 'roberta',
  { config = {}, rename = (name) => name }: ClassifierChanges = {},
): string => {
  const source = join(root, `test/numeric/fixtures/${architecture}_cls/model`);
  mkdirSync(directory, { recursive: true });
  const known = JSON.parse(readFileSync(join(source, 'config.json'), 'utf8')) as object;
  writeFileSync(join(directory, 'config.json'), JSON.stringify({ ...known, ...config }));
  for (const name of ['tokenizer.json', 'tokenizer_config.json'])
    copyFileSync(join(classificationFixtures, architecture, name), join(directory, name));
  const folder = openModelFolder(source);
  const tensors = [...folder.tensors].flatMap(([name, { shape }]) => {
    const written = rename(name);
    return written === undefined
      ? []
      : [{ name: written, dtype: 'F32' as const, shape: [...shape], data: readWeight(folder, name) }];
  });
  writeSafetensors(join(directory, 'model.safetensors'), tensors, { format: 'pt' });
  return directory;
};

/** As an encoder is published: without classes, without what scores them, and without the prefix before its names. */
export const encoderAlone = (architecture: 'bert' | 'roberta'): ClassifierChanges => ({
  config: { id2label: undefined, label2id: undefined, architectures: undefined },
  rename: (name) => (name.startsWith('classifier.') ? undefined : name.replace(`${architecture}.`, '')),
});
