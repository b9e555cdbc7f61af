import { readPeftAdalora } from '../formats/peft-adalora.ts';
import { readPeftLora } from '../formats/peft-adapter.ts';
import {
  openPeftFolder,
  writePeftFolder,
  type PeftContents,
  type PeftType,
  type SavedWeight,
} from '../formats/peft-folder.ts';
import { readPeftVera } from '../formats/peft-vera.ts';
import type { LinearLayer, ModelArchitecture } from '../models/architecture.ts';
import { targetName } from '../models/model.ts';
import type { SavedAdapter } from './adapter-folder.ts';
import { adapterFromPeftAdalora } from './from-peft-adalora.ts';
import { adapterFromPeftVera } from './from-peft-vera.ts';
import { adapterFromPeft, type FromPeftOptions, type ImportedAdapter } from './from-peft.ts';
import { methods } from './methods/index.ts';
import type { PeftForm, ResidualForm } from './peft-form.ts';
import { withTiedCopies } from './peft-tying.ts';
import { adapterToPeftAdalora } from './to-peft-adalora.ts';
import { adapterToPeftLora } from './to-peft-lora.ts';
import { adapterToPeftVera } from './to-peft-vera.ts';

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
  const { config } = openPeftFolder(directory);
  return forms[config['peft_type'] as PeftType].read(directory, layers, options);
};

export interface ToPeftOptions {
  readonly adapter: Omit<SavedAdapter, 'weights'> & {
    readonly weights: readonly Omit<SavedWeight, 'data'>[];
  };
  /** All that the model has. */
  readonly targetLayers: readonly LinearLayer[];
  readonly task: ModelArchitecture['task'];
  readonly baseModel: string | null;
  readonly residual: ResidualForm;
}

/** An adapter in the form that PEFT has for its method, or as the LoRA that it amounts to. */
export const peftContents = (options: ToPeftOptions): PeftContents => {
  const { adapter, targetLayers, task, baseModel, residual } = options;
  const { settings, layers, weights, values } = adapter;
  const modulesToSave = 'modulesToSave' in settings ? settings.modulesToSave : [];
  const savedWeights = withTiedCopies(
    weights.map((weight) => ({ ...weight, data: values.get(weight.name) as Float32Array })),
    targetLayers,
  );
  const placement = {
    baseModel,
    targetModules: targetModulesOf(targetLayers, layers),
    modulesToSave,
    savedWeights,
    tiesWeights: savedWeights.length > weights.length,
    fanInFanOut: layers.some(({ kind, role }) => kind === 'conv1d' && role !== 'embedding'),
    taskType: taskTypeOf(task, modulesToSave),
  };
  const toWrite = { settings, layers, values, residual };
  const { type } = methods[settings.method].peft ?? { type: 'LORA' };
  const form = forms[type];
  const hasTables = placement.tiesWeights || layers.some(({ role }) => role === 'embedding');
  return (
    (form.onTables || !hasTables ? form.write(toWrite, placement) : null) ??
    adapterToPeftLora(toWrite, placement)
  );
};

export const writePeft = (directory: string, options: ToPeftOptions): Promise<void> =>
  writePeftFolder(directory, peftContents(options));

/** PEFT's task of a model, and the modules of which it then wants the whole weights in the file. */
const tasks: Readonly<Record<ModelArchitecture['task'], { type: string; whole: readonly string[] }>> = {
  'causal-lm': { type: 'CAUSAL_LM', whole: [] },
  'sequence-classification': { type: 'SEQ_CLS', whole: ['classifier', 'score'] },
};

/** Null, which loads on any model, where the file lacks what the task would ask for. */
const taskTypeOf = (task: ModelArchitecture['task'], modulesToSave: readonly string[]): string | null => {
  const { type, whole } = tasks[task];
  return whole.length === 0 || whole.some((name) => modulesToSave.includes(name)) ? type : null;
};

/** Names where they say exactly which modules are adapted, whole paths where they would take in more. */
const targetModulesOf = (all: readonly LinearLayer[], adapted: readonly LinearLayer[]): string[] => {
  const names = new Set(adapted.map(targetName));
  const modules = new Set(adapted.map(({ module }) => module));
  const exact = all.every((layer) => names.has(targetName(layer)) === modules.has(layer.module));
  return exact ? [...names] : [...modules];
};
