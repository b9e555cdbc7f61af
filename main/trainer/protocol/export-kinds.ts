import { describeAdapter, type AdapterSettings } from '../../engine/adapters/settings/adapter-settings.ts';
import {
  diffusionObjectiveNames,
  pictureObjectiveNames,
  type ObjectiveName,
} from '../../engine/objective-names.ts';

/** What an adapter can be written as. Pure: forms ask it too. */
export const exportKinds = [
  'merged',
  'adapter',
  'adapter-with-base',
  'clip-lora',
  'kohya',
  'diffusers',
  'checkpoint',
] as const;
export type ExportKind = (typeof exportKinds)[number];

/** An adapter, and what the model that it is on is trained for. */
export interface ExportedAdapter {
  readonly settings: AdapterSettings;
  readonly objective: ObjectiveName;
}

type Refusal = (adapter: ExportedAdapter) => string | null;

const needsAdapter: Refusal = ({ settings: { method } }) =>
  method === 'full'
    ? 'full fine-tuning has no adapter to export: it changed the weights themselves; export them merged'
    : null;

const needsResidual: Refusal = ({ settings }) =>
  describeAdapter(settings).residual
    ? null
    : `${settings.method} leaves the base model as it is, so there is no other base to write; export the adapter alone`;

const drawsPictures = (objective: ObjectiveName): boolean =>
  (diffusionObjectiveNames as readonly ObjectiveName[]).includes(objective);

const needsClip: Refusal = ({ objective }) => {
  if ((pictureObjectiveNames as readonly ObjectiveName[]).includes(objective)) return null;
  const [model, instead] = drawsPictures(objective)
    ? ['a model that draws pictures', "diffusers' or kohya's file"]
    : ['a model of text', 'a PEFT folder'];
  return `CLIP-LoRA's file holds adapters of CLIP, and this is on ${model}; export ${instead}`;
};

const needsDiffusion: Refusal = ({ objective }) =>
  drawsPictures(objective)
    ? null
    : 'this form is of models that draw pictures, and this adapter is on another; export a PEFT folder';

/** Of a model in several parts PEFT has no class that would load one folder. */
const needsOneModel: Refusal = ({ objective }) =>
  drawsPictures(objective)
    ? "PEFT has no model of U-Net and text encoders together; export diffusers' or kohya's file"
    : null;

const needsPlain: Refusal = ({ settings }) =>
  describeAdapter(settings).magnitude
    ? "DoRA is not written in kohya's form: the programs that load it divide by other lengths of rows than it was trained with; export diffusers' file, or merged weights"
    : null;

/** Its loader knows a pair of factors with one scaling, and nothing else. */
const needsPair: Refusal = ({ settings }) => {
  const { modulesToSave } = 'modulesToSave' in settings ? settings : { modulesToSave: [] };
  if (describeAdapter(settings).magnitude)
    return "CLIP-LoRA's file has no place for the lengths of rows that DoRA trains; export a PEFT folder, or merged weights";
  if (modulesToSave.length > 0)
    return `CLIP-LoRA's file has no place for weights that are trained whole (${modulesToSave.join(', ')}); export a PEFT folder, or merged weights`;
  return null;
};

const refusals: Readonly<Record<ExportKind, readonly Refusal[]>> = {
  merged: [],
  adapter: [needsOneModel, needsAdapter],
  'adapter-with-base': [needsOneModel, needsAdapter, needsResidual],
  'clip-lora': [needsClip, needsAdapter, needsPair],
  kohya: [needsDiffusion, needsAdapter, needsPlain],
  diffusers: [needsDiffusion, needsAdapter],
  checkpoint: [needsDiffusion],
};

/** Why an adapter cannot be written so, in a line; null where it can, as far as its settings tell. */
export const exportRefusal = (kind: ExportKind, adapter: ExportedAdapter): string | null => {
  for (const refusal of refusals[kind]) {
    const why = refusal(adapter);
    if (why !== null) return why;
  }
  return null;
};

export const exportKindsOf = (adapter: ExportedAdapter): ExportKind[] =>
  exportKinds.filter((kind) => exportRefusal(kind, adapter) === null);
