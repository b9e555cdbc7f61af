import { z } from 'zod';
import { invalidInput } from '../errors.ts';
import type { Value } from '../graph/graph.ts';
import type { ForwardContext, ForwardResult, ModelArchitecture, ReadArchitecture } from './architecture.ts';
import { causalBias, flattenTokens, groupedAttention, splitHeads } from './blocks/attention.ts';
import { readRotary, rotaryTables } from './blocks/rotary-embedding.ts';
import { readConfiguration } from './configuration.ts';

const count = z.int().positive();

const configuration = z.object({
  hidden_size: count,
  intermediate_size: count,
  num_hidden_layers: count,
  num_attention_heads: count,
  num_key_value_heads: count.nullish(),
  head_dim: count.nullish(),
  vocab_size: count,
  max_position_embeddings: count,
  rms_norm_eps: z.number().positive(),
  tie_word_embeddings: z.boolean().default(false),
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
  hidden_act: z.literal('silu').default('silu'),
  attention_dropout: z.literal(0).default(0),
  rope_interleaved: z.literal(false).default(false),
  rope_parameters: z.unknown().optional(),
  rope_theta: z.unknown().optional(),
  rope_scaling: z.unknown().optional(),
});

/** Llama (1 to 3.3), SmolLM, TinyLlama and others of `model_type` llama. */
export const readLlama: ReadArchitecture = (config, place): ModelArchitecture => {
  const settings = readConfiguration(configuration, config, place);
  const rotary = readRotary(config, place);
  const {
    hidden_size: hiddenSize,
    intermediate_size: intermediate,
    num_attention_heads: heads,
    rms_norm_eps: epsilon,
  } = settings;
  const keyValueHeads = settings.num_key_value_heads ?? heads;
  const width = settings.head_dim ?? hiddenSize / heads;
  if (!Number.isInteger(width) || width % 2 !== 0)
    throw invalidInput(
      `${place}: hidden_size ${hiddenSize} does not divide into ${heads} heads of even width`,
    );
  if (heads % keyValueHeads !== 0)
    throw invalidInput(
      `${place}: num_attention_heads ${heads} is no multiple of num_key_value_heads ${keyValueHeads}`,
    );

  const attention = (
    { g, tokens, positions, linear }: ForwardContext,
    prefix: string,
    x: Value,
    bias: Value,
    tables: { cosines: Value; sines: Value },
  ): Value => {
    const project = (name: string, count: number): Value =>
      splitHeads(
        g,
        tokens,
        linear(
          {
            module: `${prefix}.${name}`,
            outFeatures: count * width,
            inFeatures: hiddenSize,
            bias: settings.attention_bias,
          },
          x,
        ),
        count,
        width,
      );
    const rotate = (heads: Value): Value => g.rotary(heads, tokens.positionIds, tables.cosines, tables.sines);
    const [q, k, v] = [
      rotate(project('q_proj', heads)),
      rotate(project('k_proj', keyValueHeads)),
      project('v_proj', keyValueHeads),
    ];
    const mixed = groupedAttention(g, [q, k, v], bias, positions);
    return linear(
      {
        module: `${prefix}.o_proj`,
        outFeatures: hiddenSize,
        inFeatures: heads * width,
        bias: settings.attention_bias,
      },
      mixed,
    );
  };

  const feedForward = ({ g, linear }: ForwardContext, prefix: string, x: Value): Value => {
    const up = (name: string): Value =>
      linear(
        {
          module: `${prefix}.${name}`,
          outFeatures: intermediate,
          inFeatures: hiddenSize,
          bias: settings.mlp_bias,
        },
        x,
      );
    const gated = g.multiply(g.silu(up('gate_proj')), up('up_proj'));
    return linear(
      {
        module: `${prefix}.down_proj`,
        outFeatures: hiddenSize,
        inFeatures: intermediate,
        bias: settings.mlp_bias,
      },
      gated,
    );
  };

  const forward = (context: ForwardContext): ForwardResult => {
    const { g, tokens, weight, table } = context;
    const normalise = (name: string, x: Value): Value =>
      g.rmsNorm(x, weight(`${name}.weight`, [hiddenSize]), epsilon);
    const embeddings = table('model.embed_tokens.weight', [settings.vocab_size, hiddenSize]);
    const tables = rotaryTables(g, rotary, context.positions, width);
    const bias = causalBias(g, tokens);
    let x = g.mark(flattenTokens(g, embeddings.rows(tokens.inputIds)), 'boundary');
    for (let layer = 0; layer < settings.num_hidden_layers; layer++) {
      const prefix = `model.layers.${layer}`;
      const attended = g.add(
        x,
        attention(context, `${prefix}.self_attn`, normalise(`${prefix}.input_layernorm`, x), bias, tables),
      );
      const fed = feedForward(
        context,
        `${prefix}.mlp`,
        normalise(`${prefix}.post_attention_layernorm`, g.mark(attended, 'costly')),
      );
      x = g.mark(g.add(attended, fed), 'boundary');
    }
    const head = settings.tie_word_embeddings
      ? embeddings
      : table('lm_head.weight', [settings.vocab_size, hiddenSize]);
    return { hidden: normalise('model.norm', x), head };
  };

  return {
    name: 'llama',
    layers: settings.num_hidden_layers,
    hiddenSize,
    vocabularySize: settings.vocab_size,
    maximumPositions: settings.max_position_embeddings,
    forward,
  };
};
