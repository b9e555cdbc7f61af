import type { TensorLocation } from '../safetensors-reader.ts';

type Named = readonly (readonly [name: string, location: TensorLocation])[];

const parts = new Map([
  ['token_embedding.weight', 'text_model.embeddings.token_embedding.weight'],
  ['positional_embedding', 'text_model.embeddings.position_embedding.weight'],
  ['ln_final.weight', 'text_model.final_layer_norm.weight'],
  ['ln_final.bias', 'text_model.final_layer_norm.bias'],
  ['visual.class_embedding', 'vision_model.embeddings.class_embedding'],
  ['visual.positional_embedding', 'vision_model.embeddings.position_embedding.weight'],
  ['visual.conv1.weight', 'vision_model.embeddings.patch_embedding.weight'],
  ['visual.ln_pre.weight', 'vision_model.pre_layrnorm.weight'],
  ['visual.ln_pre.bias', 'vision_model.pre_layrnorm.bias'],
  ['visual.ln_post.weight', 'vision_model.post_layernorm.weight'],
  ['visual.ln_post.bias', 'vision_model.post_layernorm.bias'],
]);

/** Parameters by which a row is multiplied from the right: (in x out), where a linear layer has (out x in). */
const projections = new Map([
  ['visual.proj', 'visual_projection.weight'],
  ['text_projection', 'text_projection.weight'],
]);

const partsOfLayer = new Map([
  ['ln_1', 'layer_norm1'],
  ['ln_2', 'layer_norm2'],
  ['attn.out_proj', 'self_attn.out_proj'],
  ['mlp.c_fc', 'mlp.fc1'],
  ['mlp.c_proj', 'mlp.fc2'],
]);

const layerName = /^(visual\.)?transformer\.resblocks\.(\d+)\.(.+)$/;

/** q, k and v lie one after the other in a matrix and a bias of all three. */
const thirds = (module: string, kind: string, location: TensorLocation): Named => {
  const [rows = 0, ...others] = location.shape;
  const length = location.length / 3;
  return ['q_proj', 'k_proj', 'v_proj'].map((name, at) => [
    `${module}.${name}.${kind}`,
    { ...location, shape: [rows / 3, ...others], offset: location.offset + at * length, length },
  ]);
};

const inverse = (names: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
  new Map([...names].map(([theirs, ours]) => [ours, theirs]));

const [partsBack, projectionsBack, layersBack] = [parts, projections, partsOfLayer].map(inverse) as [
  ReadonlyMap<string, string>,
  ReadonlyMap<string, string>,
  ReadonlyMap<string, string>,
];

const textLayer = /^text_model\.encoder\.layers\.(\d+)\.(.+)\.(weight|bias)$/;

/** Where open_clip has a tensor of transformers' text tower: alone, transposed, or as one of the thirds of another (0 to 2); null where it has none. */
export const openClipPlace = (
  name: string,
): { readonly name: string; readonly turned: boolean; readonly third: number | null } | null => {
  const alone = partsBack.get(name);
  if (alone !== undefined) return { name: alone, turned: false, third: null };
  const projection = projectionsBack.get(name);
  if (projection !== undefined) return { name: projection, turned: true, third: null };
  const [, layer, module = '', kind] = textLayer.exec(name) ?? [];
  const block = `transformer.resblocks.${layer}`;
  const third = ['self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj'].indexOf(module);
  if (third !== -1) return { name: `${block}.attn.in_proj_${kind}`, turned: false, third };
  const other = layersBack.get(module);
  return other === undefined ? null : { name: `${block}.${other}.${kind}`, turned: false, third: null };
};

/**
 * What transformers' CLIP calls a tensor of open_clip's, and where it then is; several where they lie in one, none where it says nothing (the
 * causal mask). One that nobody knows keeps its name.
 */
export const clipTensors = (name: string, location: TensorLocation): Named => {
  if (name === 'attn_mask') return [];
  const part = parts.get(name);
  if (part !== undefined) return [[part, location]];
  const projection = projections.get(name);
  if (projection !== undefined)
    return [[projection, { ...location, shape: location.shape.toReversed(), turned: true }]];
  const [, isVisual, layer, rest = ''] = layerName.exec(name) ?? [];
  const module = `${isVisual === undefined ? 'text_model' : 'vision_model'}.encoder.layers.${layer}`;
  const joined = /^attn\.in_proj_(weight|bias)$/.exec(rest)?.[1];
  if (joined !== undefined && (location.shape[0] ?? 0) % 3 === 0)
    return thirds(`${module}.self_attn`, joined, location);
  const own = /^(.+)\.(weight|bias)$/.exec(rest);
  const known = partsOfLayer.get(own?.[1] ?? '');
  return [[known === undefined ? name : `${module}.${known}.${own![2]}`, location]];
};
