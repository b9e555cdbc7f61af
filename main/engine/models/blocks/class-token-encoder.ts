import type { Value } from '../../graph/graph.ts';
import type { ForwardContext, ModelArchitecture, PictureEmbedder, PictureTower } from '../architecture.ts';
import { interpolatedPositions } from './interpolated-positions.ts';
import { patchEmbedding, patchesAcross, type PatchSettings } from './patch-embedding.ts';
import { encodePreNorm, layerNorm, type PreNormForm, type PreNormSettings } from './pre-norm-encoder.ts';
import { embeddings } from './two-towers.ts';

export type ClassTokenSettings = PreNormSettings & PatchSettings;

/** Attention as transformers names it in the files of ViT and DINOv2. */
export const vitAttention: PreNormForm['attention'] = {
  query: 'attention.attention.query',
  key: 'attention.attention.key',
  value: 'attention.attention.value',
  output: 'attention.output.dense',
};

/**
 * Patches and a token for the whole picture, whose state after the last norm stands for it (Dosovitskiy et al., arXiv 2010.11929).
 * @param side of the pictures, in pixels; where it is not the configuration's, positions are interpolated
 */
const classToken = (settings: ClassTokenSettings, form: PreNormForm, side: number): PictureTower => {
  const { hidden_size: width, num_channels: channels } = settings;
  const [own, across] = [patchesAcross(settings), patchesAcross({ ...settings, image_size: side })];
  const positions = across ** 2 + 1;
  const shape = [channels, side, side];
  const start = (context: ForwardContext): Value => {
    const { g, weight } = context;
    const pixels = g.input('pixels', 'float32', ['images', ...shape]);
    const patches = patchEmbedding(
      context,
      { ...settings, image_size: side },
      { module: 'embeddings.patch_embeddings.projection', bias: true },
      pixels,
    );
    const ofClass = weight('embeddings.cls_token', [1, 1, width]);
    const joined = g.concatenate([g.expand(ofClass, ['images', 1, width]), patches], 1);
    const places = weight('embeddings.position_embeddings', [1, own ** 2 + 1, width]);
    const seen = across === own ? places : interpolatedPositions(g, places, { from: own, to: across, width });
    return g.reshape(g.add(joined, seen), [`${positions}*images`, width]);
  };
  return {
    input: { name: 'pixels', shape },
    positions,
    embed: (context) => {
      const { g } = context;
      const pick = (rows: Value): Value =>
        g.reshape(g.slice(g.reshape(rows, ['images', positions, width]), 1, 0, 1), ['images', width]);
      const encoded = encodePreNorm(
        settings,
        context,
        'encoder',
        start(context),
        {
          shape: ['images', positions],
          positions,
          bias: null,
          causal: false,
          pooled: { pick, bias: null },
        },
        form,
      );
      return layerNorm(context, settings, 'layernorm', encoded);
    },
  };
};

interface ClassTokenModel {
  readonly name: string;
  readonly settings: ClassTokenSettings;
  readonly form: PreNormForm;
  /** Whether transformers interpolates positions for pictures of another size, unasked. */
  readonly interpolates: boolean;
}

/** A model that gives the class token's state, and is trained for nothing here. */
export const classTokenModel = ({
  name,
  settings,
  form,
  interpolates,
}: ClassTokenModel): ModelArchitecture => {
  const pictures = classToken(settings, form, settings.image_size);
  const embedder: PictureEmbedder = {
    width: settings.hidden_size,
    pictures,
    at: interpolates ? (side) => classToken(settings, form, side) : null,
  };
  return {
    name,
    layers: settings.num_hidden_layers,
    hiddenSize: settings.hidden_size,
    vocabularySize: 0,
    maximumPositions: pictures.positions,
    objective: 'picture-embeddings',
    outputs: settings.hidden_size,
    embedder,
    forward: (context) => embeddings(pictures.embed(context)),
    // A model with a head, or one trained on masked pictures, has these names within it.
    otherNames: (weight) => [`${name}.${weight}`],
    idleTensors: [/(^|\.)embeddings\.mask_token$/, /(^|\.)pooler\.dense\./, /^classifier\./],
  };
};
