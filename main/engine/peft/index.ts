import { readPeftAdalora } from './forms/adalora-file.ts';
import { readPeftLora } from './forms/lora-file.ts';
import { isSavedWhole, openPeftFolder, writePeftFolder, type PeftContents, type PeftType } from './folder.ts';
import type { PeftPlacement } from './targeting.ts';
import { readPeftVera } from './forms/vera-file.ts';
import type { LinearLayer } from '../models/architecture.ts';
import { targetName, type Model } from '../models/model.ts';
import type { SavedAdapter } from '../adapters/folder/adapter-folder.ts';
import { adapterFromPeftAdalora } from './forms/adalora-read.ts';
import { adapterFromPeftVera } from './forms/vera-read.ts';
import { adapterFromPeft, type FromPeftOptions, type ImportedAdapter } from './forms/lora-read.ts';
import { methods } from '../adapters/methods/index.ts';
import type { PeftForm, ResidualForm } from './form.ts';
import { peftTask } from './task.ts';
import { withTiedCopies } from './tying.ts';
import { checkVocabulary } from './vocabulary.ts';
import { adapterToPeftAdalora } from './forms/adalora-write.ts';
import { adapterToPeftLora } from './forms/lora-write.ts';
import { adapterToPeftVera } from './forms/vera-write.ts';

/** PEFT's methods: how each is read and written. */
const forms: Readonly<Record<PeftType, PeftForm>> = {
  LORA: {
    onTables: true,
    read: (directory, layers, options) => adapterFromPeft(readPeftLora(directory), layers, options),
    write: adapterToPeftLora,
  },
  VERA: {
    onTables: false,
    read: (directory, layers) => adapterFromPeftVera(readPeftVera(directory), layers),
    write: adapterToPeftVera,
  },
  ADALORA: {
    onTables: false,
    read: (directory, layers) => adapterFromPeftAdalora(readPeftAdalora(directory), layers),
    write: adapterToPeftAdalora,
  },
};

/**
 * Reads any adapter folder of PEFT's for a model with these layers.
 * @throws WorkbenchError naming the file and the setting, module or tensor
 */
export const readPeft = (
  directory: string,
  layers: readonly LinearLayer[],
  options: FromPeftOptions = {},
): ImportedAdapter => {
  const { config, header } = openPeftFolder(directory);
  checkVocabulary(header, layers);
  return forms[config['peft_type'] as PeftType].read(directory, layers, options);
};

export interface ToPeftOptions {
  readonly adapter: SavedAdapter;
  readonly model: Model;
  readonly baseModel: string | null;
  readonly residual: ResidualForm;
}

/** An adapter in the form that PEFT has for its method, or as the LoRA that it amounts to. */
export const peftContents = ({ adapter, model, baseModel, residual }: ToPeftOptions): PeftContents => {
  const { settings, layers, values } = adapter;
  const { extraFiles, ...task } = peftTask(model, adapter);
  const savedWeights = withTiedCopies(task.savedWeights, model.targetLayers);
  const placement = {
    ...task,
    baseModel,
    targetModules: targetModulesOf(model.targetLayers, layers),
    savedWeights,
    modulesToSave: savedModulesOf(model, task),
    tiesWeights: savedWeights.length > task.savedWeights.length,
    fanInFanOut: layers.some(({ kind, role }) => kind === 'conv1d' && role !== 'embedding'),
  };
  const toWrite = { settings, layers, values, residual };
  const form = forms[methods[settings.method].peft?.type ?? 'LORA'];
  const hasTables = placement.tiesWeights || layers.some(({ role }) => role === 'embedding');
  const own = form.onTables || !hasTables ? form.write(toWrite, placement) : null;
  return { ...(own ?? adapterToPeftLora(toWrite, placement)), extraFiles };
};

export const writePeft = (directory: string, options: ToPeftOptions): Promise<void> =>
  writePeftFolder(directory, peftContents(options));

/** Names where PEFT's rule, the ends of names letter by letter, takes the very weights that are saved by them; whole paths otherwise. */
const savedModulesOf = (
  { weightShapes }: Model,
  { modulesToSave, savedWeights }: Pick<PeftPlacement, 'modulesToSave' | 'savedWeights'>,
): readonly string[] => {
  const saved = new Set(savedWeights.map(({ name }) => name));
  const isExact = [...weightShapes.keys()].every(
    (name) => isSavedWhole(modulesToSave, name) === saved.has(name),
  );
  return isExact
    ? modulesToSave
    : [...new Set([...saved].map((name) => name.slice(0, name.lastIndexOf('.'))))];
};

/** Names where they say exactly which modules are adapted, whole paths where they would take in more. */
const targetModulesOf = (all: readonly LinearLayer[], adapted: readonly LinearLayer[]): string[] => {
  const names = new Set(adapted.map(targetName));
  const modules = new Set(adapted.map(({ module }) => module));
  const exact = all.every((layer) => names.has(targetName(layer)) === modules.has(layer.module));
  return exact ? [...names] : [...modules];
};
