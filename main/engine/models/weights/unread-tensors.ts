import { WorkbenchError } from '../../errors.ts';
import type { ModelFolder } from '../../formats/model-folder.ts';
import type { ModelArchitecture } from '../architecture.ts';

/** Angles of rotary positions: made from the configuration anyway. */
const angles = /(^|\.)rotary_emb\.inv_freq$/;

/** Heads beside the one that is read: other models on the same body. What they score is nothing that is trained here. */
const otherHeads = /^(score|v_head|value_head|reward_head|qa_outputs|regression_head)\./;

/** What tensors would mean that nothing reads, for those that can be told by their names; the first that fits. */
const meanings: readonly (readonly [RegExp, (architecture: ModelArchitecture) => string])[] = [
  [
    /\.(lora_[AB]|lora_embedding_[AB]|lora_magnitude_vector|base_layer|modules_to_save)\b/,
    () =>
      "an adapter's, not merged into the model; import the base as a model and the adapter as an adapter, or merge them with PEFT",
  ],
  [
    /[._](weight_scale(_inv)?|weight_packed|weight_shape|weight_zero_point|input_scale|output_scale|qweight|qzeros|scales|g_idx|absmax|quant_map|quant_state\b.*|SCB|weight_format)$/,
    () => 'of quantised weights, which are not read; use the model in F32, F16 or BF16',
  ],
  [/\.bias$/, () => 'biases that config.json says the layers do not have'],
  [/norm\w*\.weight$/, ({ name }) => `norms that a ${name} model with this config.json does not have`],
];

const layerNumber = /(^|\.)(layers?|h)\.(\d+)\./;

const meaningOf = (name: string, architecture: ModelArchitecture): string => {
  const layer = layerNumber.exec(name)?.[3];
  if (layer !== undefined && Number(layer) >= architecture.layers)
    return `of layers beyond the ${architecture.layers} that config.json has`;
  const known = meanings.find(([pattern]) => pattern.test(name));
  return known?.[1](architecture) ?? `nothing that a ${architecture.name} model with this config.json has`;
};

const named = ([first, ...others]: readonly string[]): string =>
  others.length === 0 ? `${first}` : `${first} and ${others.length} more`;

/**
 * Accounts for every tensor of a folder: read, known to say nothing, or refused. transformers warns of the last and goes on, with a model
 * that is not the one in the files.
 * @param read names in the files of the tensors that are read
 * @returns what a person should know of those that are not
 * @throws unsupported naming the tensors and what they would be
 */
export const accountForTensors = (
  { directory, tensors }: ModelFolder,
  architecture: ModelArchitecture,
  read: ReadonlySet<string>,
): string[] => {
  const saysNothing = [angles, ...(architecture.idleTensors ?? [])];
  const unread = [...tensors.keys()].filter(
    (name) => !read.has(name) && !saysNothing.some((pattern) => pattern.test(name)),
  );
  const heads = unread.filter((name) => otherHeads.test(name));
  const foreign = unread.filter((name) => !otherHeads.test(name));
  if (foreign.length > 0) {
    const meaning = meaningOf(foreign[0]!, architecture);
    const alike = foreign.filter((name) => meaningOf(name, architecture) === meaning);
    const rest = foreign.length - alike.length;
    throw new WorkbenchError(
      'unsupported',
      `${directory}: the weights hold ${named(alike)}, ${meaning}${rest === 0 ? '' : `, and ${rest} of other kinds`}; without them this would be another model`,
    );
  }
  return heads.length === 0
    ? []
    : [
        `The weights hold ${named(heads)} of another head, which is passed over and copied into exports as it is`,
      ];
};
