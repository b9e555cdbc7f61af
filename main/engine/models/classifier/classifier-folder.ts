import { genericName, type HeadClasses } from '../../data/examples/class-labels.ts';
import { invalidInput } from '../../errors.ts';
import { isObject } from '../../json-value.ts';
import { configPlaceOf, type ModelFolder, type TensorLocation } from '../../formats/model-folder.ts';
import { elementCount } from '../../formats/tensor-dtype.ts';
import type { Classifier, ModelArchitecture } from '../architecture.ts';
import { readArchitecture } from '../architectures/index.ts';
import { listWeights, readModel, type Model } from '../model.ts';
import { accountForTensors } from '../weights/unread-tensors.ts';

/**
 * A classifier can be made of a folder that holds the encoder alone (a pretrained BERT): the head is made new. The rest of the engine
 * does not see the difference: the folder is completed, with the head's weights in a file of their own.
 */

export interface HeadWeight {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Classes of a head that is only looked at. */
const placeholders = [0, 1].map(genericName);

const describedBy = (folder: ModelFolder): ModelArchitecture =>
  readArchitecture(folder.config, configPlaceOf(folder));

const find = (
  { tensors }: ModelFolder,
  { otherNames }: ModelArchitecture,
  name: string,
): TensorLocation | undefined =>
  [name, ...(otherNames?.(name) ?? [])].flatMap((one) => tensors.get(one) ?? [])[0];

/** Whether the folder is of a classifier's encoder without what scores the classes. */
export const lacksHead = (folder: ModelFolder): boolean => {
  const architecture = describedBy(folder);
  const last = architecture.classifier?.headModules.at(-1);
  return last !== undefined && find(folder, architecture, `${last}.weight`) === undefined;
};

/** The folder with these classes in its config.json. */
export const withClasses = (folder: ModelFolder, names: readonly string[]): ModelFolder => {
  const { className } = describedBy(folder).classifier as Classifier;
  const { num_labels: _, problem_type: __, ...kept } = folder.config;
  const config = {
    ...kept,
    architectures: [className],
    id2label: Object.fromEntries(names.map((name, id) => [id, name])),
    label2id: Object.fromEntries(names.map((name, id) => [name, id])),
  };
  const contents = `${JSON.stringify(config, null, 2)}\n`;
  return {
    ...folder,
    config,
    rewrittenFiles: new Map([...(folder.rewrittenFiles ?? []), ['config.json', contents]]),
  };
};

/** The same, only where config.json has other names: a folder that has them is left as it is, byte for byte. */
export const withNewNames = (folder: ModelFolder, names: readonly string[]): ModelFolder => {
  const { id2label } = folder.config;
  const known = isObject(id2label)
    ? names.map((_, id) => id2label[id])
    : names.map((_, id) => genericName(id));
  return known.join('\n') === names.join('\n') ? folder : withClasses(folder, names);
};

/** Weights of a folder's head that its files lack. `folder` has the classes in its config.json. */
export const missingWeights = (folder: ModelFolder): HeadWeight[] => {
  const architecture = describedBy(folder);
  const isOfHead = (name: string): boolean =>
    (architecture.classifier as Classifier).headModules.some((module) => name.startsWith(`${module}.`));
  return [...listWeights(architecture).weightShapes]
    .filter(([name]) => isOfHead(name) && find(folder, architecture, name) === undefined)
    .map(([name, shape]) => ({ name, shape }));
};

/** A layer's place in the head as PEFT takes it: `classifier.dense` and `classifier.out_proj` are one module, `bert.pooler.dense` is `bert.pooler`. */
export const headModuleOf = (module: string): string => module.replace(/\.(dense|out_proj)$/, '');

/** The modules that a folder's new head consists of; none where it has its own. */
export const newHeadModules = (folder: ModelFolder): string[] => {
  const missing = missingWeights(withClasses(folder, placeholders));
  return [...new Set(missing.map(({ name }) => headModuleOf(name.replace(/\.(weight|bias)$/, ''))))];
};

/**
 * A whole classifier's folder in the architecture's own names, the head's weights where `head` has them. What the files hold besides
 * (the pretraining's heads) is left out.
 * @throws invalid-input where neither the files nor `head` have a weight
 */
export const withHead = (
  folder: ModelFolder,
  classNames: readonly string[],
  head: ReadonlyMap<string, TensorLocation>,
): ModelFolder => {
  const named = withClasses(folder, classNames);
  const architecture = describedBy(named);
  const names = [...listWeights(architecture).weightShapes.keys()];
  const others = names.flatMap((name) => architecture.otherNames?.(name) ?? []);
  accountForTensors(folder, architecture, new Set([...names, ...others]));
  const tensors = new Map(
    names.map((name) => {
      const location = find(folder, architecture, name) ?? head.get(name);
      if (location) return [name, location];
      throw invalidInput(
        `${folder.directory}: the weights have no tensor ${name}, which config.json asks for`,
      );
    }),
  );
  const [first] = folder.shards;
  const { indexFile: _, ...whole } = named;
  return {
    ...whole,
    tensors,
    shards: [
      { fileName: 'model.safetensors', tensorNames: [...tensors.keys()], metadata: first?.metadata ?? {} },
    ],
  };
};

/** What a folder says of the classes it scores; null for models that predict tokens. */
export const headClassesOf = (folder: ModelFolder): HeadClasses | null => {
  const { classifier, outputs } = describedBy(folder);
  if (!classifier) return null;
  if (classifier.classNames !== null) return { kind: 'named', names: classifier.classNames };
  return lacksHead(folder) ? { kind: 'new' } : { kind: 'numbered', count: outputs };
};

/** Where new weights would be, with no file behind them: for graphs that are looked at, never run. */
const describedHead = (folder: ModelFolder, names: readonly string[]): Map<string, TensorLocation> =>
  new Map(
    missingWeights(withClasses(folder, names)).map(({ name, shape }) => [
      name,
      { file: '', dtype: 'F32', shape, offset: 0, length: 4 * elementCount(shape) },
    ]),
  );

/** The model of a folder for looking at: a head that is still to be made is there, for two classes, in no file. */
export const describedModel = (folder: ModelFolder): Model => {
  if (!lacksHead(folder)) return readModel(folder);
  const names = describedBy(folder).classifier?.classNames ?? placeholders;
  return readModel(withHead(folder, names, describedHead(folder, names)));
};
