import type { DecoderDescription, DecoderLayer } from '../../../../main/engine/models/blocks/decoder.ts';
import { mayLook, type Row } from './tokens.ts';

export type Weights = ReadonlyMap<string, Float32Array>;
type Vector = readonly number[];

const dot = (a: Vector, b: Vector): number => a.reduce((sum, value, at) => sum + value * b[at]!, 0);
const add = (a: Vector, b: Vector): Vector => a.map((value, at) => value + b[at]!);
const parts = (x: Vector, width: number): Vector[] =>
  Array.from({ length: x.length / width }, (_, at) => x.slice(at * width, (at + 1) * width));
const capped = (cap: number | null, x: number): number => (cap === null ? x : cap * Math.tanh(x / cap));

const activations = {
  silu: (x: number) => x / (1 + Math.exp(-x)),
  relu: (x: number) => Math.max(0, x),
};

/** number i of the first half is paired with number i of the second. */
const turn = (rotary: DecoderLayer['rotary'], position: number, head: Vector): Vector => {
  if (rotary === null) return head;
  const turned = head.length * rotary.share;
  return head.map((value, at) => {
    if (at >= turned) return value;
    const half = turned / 2;
    const angle = position * rotary.theta ** ((-2 * (at % half)) / turned);
    const other = at < half ? -head[at + half]! : head[at - half]!;
    return value * Math.cos(angle) + other * Math.sin(angle);
  });
};

/** A row's logits at every token, one number after the other in float64: what the descriptions' fields mean, in plain loops. */
export const naiveDecoder = (decoder: DecoderDescription, weights: Weights, row: Row): number[] => {
  const { heads, keyValueHeads, width, norms } = decoder;
  const numbersOf = (name: string): Vector => {
    const data = weights.get(name);
    if (!data) throw new Error(`the decoder under test did not ask for ${name}`);
    return [...data];
  };
  const linear = (name: string, x: Vector, bias: boolean): Vector => {
    const product = parts(numbersOf(`${name}.weight`), x.length).map((weight) => dot(weight, x));
    return bias ? add(product, numbersOf(`${name}.bias`)) : product;
  };
  const norm = (name: string, x: Vector): Vector => {
    const size = Math.sqrt(dot(x, x) / x.length + decoder.epsilon);
    const weight = numbersOf(`${name}.weight`);
    return x.map((value, at) => (value / size) * (weight[at]! + decoder.normOffset));
  };

  const attention = (prefix: string, layer: DecoderLayer, inputs: readonly Vector[]): Vector[] => {
    const project = (x: Vector): Vector[] => {
      const { qkv } = decoder.biases;
      if (!decoder.fused) return ['q', 'k', 'v'].map((name) => linear(`${prefix}.${name}_proj`, x, qkv));
      const joined = linear(`${prefix}.qkv_proj`, x, qkv);
      const [q, k] = [heads * width, keyValueHeads * width];
      return [joined.slice(0, q), joined.slice(q, q + k), joined.slice(q + k)];
    };
    const toHeads = (x: Vector, name: string, position: number): Vector[] => {
      const { queryKeyNorm } = decoder;
      const whole = queryKeyNorm === 'all-heads' ? norm(`${prefix}.${name}`, x) : x;
      return parts(whole, width).map((head) =>
        turn(layer.rotary, position, queryKeyNorm === 'each-head' ? norm(`${prefix}.${name}`, head) : head),
      );
    };
    const projected = inputs.map(project);
    const queries = projected.map(([q], t) => toHeads(q!, 'q_norm', row.positions[t]!));
    const keys = projected.map(([, k], t) => toHeads(k!, 'k_norm', row.positions[t]!));
    const values = projected.map(([, , v]) => parts(v!, width));
    return queries.map((ofToken, i) => {
      const seen = keys
        .map((_, j) => j)
        .filter((j) => mayLook(row, [i, j], { causal: true, window: layer.window }));
      const mixed = ofToken.flatMap((query, head) => {
        const group = Math.floor(head / (heads / keyValueHeads));
        const scale = decoder.attentionScale ?? 1 / Math.sqrt(width);
        const scores = seen.map((j) =>
          Math.exp(capped(decoder.attentionSoftcap, scale * dot(query, keys[j]![group]!))),
        );
        const total = scores.reduce((sum, score) => sum + score, 0);
        return query.map((_, at) =>
          seen.reduce((sum, j, index) => sum + (scores[index]! / total) * values[j]![group]![at]!, 0),
        );
      });
      return linear(`${prefix}.o_proj`, mixed, decoder.biases.output);
    });
  };

  const feedForward = (prefix: string, x: Vector): Vector => {
    const { feedForward: bias } = decoder.biases;
    const both = decoder.fused
      ? linear(`${prefix}.gate_up_proj`, x, bias)
      : ['gate', 'up'].flatMap((name) => linear(`${prefix}.${name}_proj`, x, bias));
    const [gate, up] = parts(both, decoder.intermediateSize) as [Vector, Vector];
    const activate = activations[decoder.activation as keyof typeof activations];
    return linear(
      `${prefix}.down_proj`,
      gate.map((value, at) => activate(value) * up[at]!),
      bias,
    );
  };

  const table = parts(numbersOf('model.embed_tokens.weight'), decoder.hiddenSize);
  let x: Vector[] = row.ids.map((id) => table[id]!.map((value) => value * decoder.embeddingScale));
  for (const [index, layer] of decoder.layers.entries()) {
    const prefix = `model.layers.${index}`;
    const maybe = (name: string | null, value: Vector): Vector =>
      name === null ? value : norm(`${prefix}.${name}`, value);
    const mixed = attention(
      `${prefix}.self_attn`,
      layer,
      x.map((value) => maybe(norms.beforeAttention, value)),
    );
    x = x.map((value, t) => add(value, maybe(norms.afterAttention, mixed[t]!)));
    x = x.map((value) => {
      const fed = feedForward(`${prefix}.mlp`, maybe(norms.beforeFeedForward, value));
      return add(value, maybe(norms.afterFeedForward, fed));
    });
  }
  const head = decoder.tiedHead ? 'model.embed_tokens' : 'lm_head';
  return x
    .map((value) => norm('model.norm', value))
    .flatMap((hidden) => linear(head, hidden, false).map((score) => capped(decoder.logitSoftcap, score)));
};
