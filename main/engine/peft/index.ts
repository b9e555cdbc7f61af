import type { SavedAdapter } from '../adapters/folder/adapter-folder.ts';
import { methods } from '../adapters/methods/index.ts';
import type { PeftType } from '../adapters/methods/method.ts';
import { moduleOfWeight, targetName, type LinearLayer } from '../models/architecture.ts';
import type { Model } from '../models/model.ts';
import { openPeftFolder, writePeftFolder, type PeftContents } from './folder.ts';
import type { ImportedAdapter, PeftForm, ReadPeftOptions, ResidualForm } from './form.ts';
import { adalora } from './forms/adalora.ts';
import { lora } from './forms/lora/index.ts';
import { vera } from './forms/vera.ts';
import { isSavedByPeft } from './saved-weights.ts';
import type { PeftPlacement } from './targeting.ts';
import { peftTask } from './task.ts';
import { withTiedCopies } from './tying.ts';
import { checkVocabulary } from './vocabulary.ts';

/** PEFT's methods by peft_type. A new one is one file and one line here, and its name among `peftTypes`. */
const forms: Readonly<Record<PeftType, PeftForm>> = { LORA: lora, VERA: vera, ADALORA: adalora };

/**
 * Reads any adapter folder of PEFT's for a model with these layers.
 * @throws WorkbenchError naming the file and the setting, module or tensor
 */
export const readPeft = (
  directory: string,
  layers: readonly LinearLayer[],
  options: ReadPeftOptions = {},
): ImportedAdapter => {
  const folder = openPeftFolder(directory);
  checkVocabulary(folder.header, layers);
  return forms[folder.type].read(folder, layers, options);
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
    targetModules: targetModulesOf(model, layers),
    savedWeights,
    modulesToSave: savedModulesOf(model, task),
    tiesWeights: savedWeights.length > task.savedWeights.length,
    fanInFanOut: layers.some(({ stored, role }) => stored === 'in-out' && role !== 'embedding'),
  };
  const toWrite = { settings, layers, values, residual };
  const form = forms[methods[settings.method].peft?.type ?? 'LORA'];
  const isOther = ({ role }: LinearLayer): boolean => role === 'embedding' || role === 'convolution';
  const hasOthers = placement.tiesWeights || layers.some(isOther);
  const own = form.onAnyLayer || !hasOthers ? form.write(toWrite, placement) : null;
  return { ...(own ?? lora.write(toWrite, placement)), extraFiles };
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
    (name) => isSavedByPeft(modulesToSave, name) === saved.has(name),
  );
  return isExact ? modulesToSave : [...new Set([...saved].map(moduleOfWeight))];
};

/**
 * Names where they say exactly which modules are adapted, whole paths where they would take in more: layers that are not adapted, or modules
 * that are no sites here and that PEFT would take for some, such as the out_proj within SigLIP's pooling head.
 */
const targetModulesOf = (
  { targetLayers, weightShapes }: Model,
  adapted: readonly LinearLayer[],
): string[] => {
  const names = new Set(adapted.map(targetName));
  const modules = new Set(adapted.map(({ module }) => module));
  const all = [...weightShapes.keys()].flatMap(modulesAround);
  const exact = [...all, ...targetLayers.map(({ module }) => module)].every(
    (module) => names.has(targetName({ module })) === modules.has(module),
  );
  return exact ? [...names] : [...modules];
};

/** The module of a weight and all that hold it. */
const modulesAround = (weight: string): string[] => {
  const parts = moduleOfWeight(weight).split('.');
  return parts.map((_, at) => parts.slice(0, at + 1).join('.'));
};
