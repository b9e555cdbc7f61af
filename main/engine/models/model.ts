import {
  isWeightDtype,
  trainedMatrix,
  trainedTable,
  weightsInPlace,
  type BaseWeights,
  type WeightMatrix,
  type WeightTable,
} from '../base/base-weights.ts';
import { quantizedWeights, type QuantizedBase } from '../base/quantized-weights.ts';
import { invalidInput, WorkbenchError } from '../errors.ts';
import {
  configPlaceOf,
  openModelFolder,
  type ModelFolder,
  type TensorLocation,
} from '../formats/model-folder.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import { createGraphBuilder } from '../graph/create-graph-builder.ts';
import type { Value } from '../graph/graph.ts';
import {
  targetName,
  weightName,
  type ForwardResult,
  type Kernel,
  type LinearLayer,
  type ModelArchitecture,
  type Past,
  type TokenInputs,
} from './architecture.ts';
import { readArchitecture } from './architectures/index.ts';
import { slices } from './slices.ts';
import { convolutionForm, embeddingForm, linearForm, type LayerForm } from './layer-form.ts';
import { storedHeads } from './weights/tied-head.ts';
import { accountForTensors } from './weights/unread-tensors.ts';

/** A model on disk, understood: what it computes and where its weights are. */
export interface Model {
  readonly folder: ModelFolder;
  readonly architecture: ModelArchitecture;
  /** Every linear layer but embeddings and the output head, in the order of computation. */
  readonly linearLayers: readonly LinearLayer[];
  /** All that an adapter can sit on: those, embeddings and the output head. */
  readonly targetLayers: readonly LinearLayer[];
  /** Where each weight is, by the architecture's name for it. */
  readonly tensors: ReadonlyMap<string, TensorLocation>;
  /** The architecture's name of each tensor in the files that it has a use for; a tied head's copy of the embedding has the embedding's. */
  readonly nameOfFile: ReadonlyMap<string, string>;
  /** Whether config.json ties the head to the embedding, but the files hold another one, which counts. */
  readonly contradictsTie: boolean;
  /** What a person should know of the files. */
  readonly notices: readonly string[];
  /** Every weight that the model reads, with its shape. */
  readonly weightShapes: ReadonlyMap<string, readonly number[]>;
  /** Those that the forward pass reads, by name: what can be trained. A VAE is read beside it, and the loss does not see what it makes. */
  readonly trainableWeights: readonly string[];
  /** The frozen weights in another form than the files'; absent where they are used as they are. */
  readonly base?: QuantizedBase;
}

/** A linear layer in a graph under construction. */
export interface Site extends Omit<LayerForm, 'project'> {
  readonly layer: LinearLayer;
  /** x (... x inFeatures); an embedding's indices (...), which stand for one-hot x; a convolution's (images x channels x height x width) */
  readonly input: Value;
  /** x W^T, (... x outFeatures); a convolution's (images x outFeatures x height x width) */
  readonly product: Value;
  /** x W^T of another x */
  readonly productOf: (x: Value) => Value;
  /** x M^T for another matrix M (n x inFeatures), and the site's x where no other is given */
  readonly project: (matrix: Value, x?: Value) => Value;
  /** (outFeatures) */
  readonly bias: Value | undefined;
  /** W itself (out x in) */
  readonly weight: WeightMatrix;
}

export interface ForwardOptions {
  /** Position ids stay below this. */
  readonly positions: number;
  /** What is remembered of earlier tokens; nothing where absent. */
  readonly past?: Past;
  /** Whether texts of a row may branch (`TokenInputs.lastSegments`), which is one input more. */
  readonly branching?: boolean;
  /** Whether sites see rows, too, that nothing after them reads; they don't where absent. */
  readonly everyRow?: boolean;
  /** What a site's output becomes (bias and all); the adapters' way in. Unchanged where absent or undefined. */
  readonly adapt?: (site: Site) => Value | undefined;
  /** Whether `adapt` changes a module's output; no module's where absent. */
  readonly adapts?: (module: string) => boolean;
  /** What becomes of the tokens' embeddings (tokens x width) before anything else; they stay as they are where absent. */
  readonly embeddings?: (rows: Value) => Value;
  /** Weights that are not the base's own (trained ones), as float32; undefined for all others. */
  readonly weight?: (name: string, shape: readonly number[]) => Value | undefined;
}

/** Declares the token inputs every model's graph takes. */
export const tokenInputs = (g: GraphBuilder, { branching = false } = {}): TokenInputs => {
  const input = (name: string): Value => g.input(name, 'int64', ['batch', 'sequence']);
  return {
    inputIds: input('input_ids'),
    attentionMask: input('attention_mask'),
    positionIds: input('position_ids'),
    segmentIds: input('segment_ids'),
    tokenTypes: input('token_type_ids'),
    ...(branching ? { lastSegments: input('last_segments') } : {}),
  };
};

const forwardWith = (
  g: GraphBuilder,
  architecture: ModelArchitecture,
  base: BaseWeights | undefined,
  {
    positions,
    everyRow = false,
    adapt,
    adapts = () => false,
    embeddings = (rows) => rows,
    past,
    branching,
    weight,
  }: ForwardOptions,
): ForwardResult => {
  const known = new Map<string, Value | undefined>();
  const given = (name: string, shape: readonly number[]): Value | undefined => {
    if (!known.has(name)) known.set(name, weight?.(name, shape));
    return known.get(name);
  };
  const weightOf = (name: string, shape: readonly number[]): Value =>
    given(name, shape) ?? (base as BaseWeights).weight(name);
  const matrixOf = (name: string, shape: readonly number[], transposed: boolean): WeightMatrix => {
    const value = given(name, shape);
    return value
      ? trainedMatrix(g, value, transposed)
      : (base as BaseWeights).matrix(name, shape, transposed);
  };
  /** A convolution's W (out x channels * size * size), which lies as (out x channels x size x size). */
  const unfoldedKernel = (layer: LinearLayer, { size }: Kernel): { frozen: boolean; matrix: Value } => {
    const { outFeatures, inFeatures } = layer;
    const [name, shape] = [weightName(layer), [outFeatures, inFeatures / size ** 2, size, size]];
    const frozen = given(name, shape) === undefined;
    return { frozen, matrix: g.reshape(weightOf(name, shape), [outFeatures, inFeatures]) };
  };
  const layerMatrix = (layer: LinearLayer): WeightMatrix => {
    const { outFeatures, inFeatures, stored, kernel } = layer;
    if (kernel) {
      const { frozen, matrix } = unfoldedKernel(layer, kernel);
      return { frozen, product: (x) => g.matmul(x, matrix, { transposeB: true }) };
    }
    const isTransposed = stored === 'in-out';
    const shape = isTransposed ? [inFeatures, outFeatures] : [outFeatures, inFeatures];
    return matrixOf(weightName(layer), shape, isTransposed);
  };
  const layerTable = (layer: LinearLayer): WeightTable => {
    const [name, shape] = [weightName(layer), [layer.inFeatures, layer.outFeatures]];
    const value = given(name, shape);
    return value ? trainedTable(g, value) : (base as BaseWeights).table(name, shape);
  };
  interface Applied extends Pick<Site, 'layer' | 'weight' | 'productOf'> {
    readonly form: LayerForm;
  }
  const biasOf = ({ bias, module, outFeatures }: LinearLayer): Value | undefined =>
    bias ? weightOf(`${module}.bias`, [outFeatures]) : undefined;
  const adaptedOutput = (product: Value, input: Value, { form, ...applied }: Applied): Value | undefined => {
    const { project, expand, perOutput } = form;
    return g.within('adapter', () =>
      adapt?.({
        ...{ ...applied, expand, perOutput, bias: biasOf(applied.layer) },
        ...{ input, product, project: (matrix, x = input) => project(x, matrix) },
      }),
    );
  };
  const outputOf = (input: Value, applied: Applied): Value => {
    const product = applied.productOf(input);
    const bias = biasOf(applied.layer);
    const adapted = adaptedOutput(product, input, applied);
    return adapted ?? (bias ? g.add(product, applied.form.perOutput(bias)) : product);
  };
  const linearOf = (layer: LinearLayer): Applied => {
    const weight = layerMatrix(layer);
    return { layer, weight, productOf: weight.product, form: linearForm(g) };
  };
  const inLayer = <T>(layer: LinearLayer, make: () => T): T => g.within(targetName(layer), make);
  const isFrozen = (layer: LinearLayer): boolean =>
    layerMatrix(layer).frozen &&
    !adapts(layer.module) &&
    !(layer.bias && given(`${layer.module}.bias`, [layer.outFeatures]));
  let tokens: TokenInputs | undefined;
  return architecture.forward({
    g,
    // Declared by those that ask for them: a model of images takes no tokens.
    get tokens() {
      return (tokens ??= tokenInputs(g, branching ? { branching } : {}));
    },
    past: past ?? null,
    positions,
    everyRow,
    weight: weightOf,
    embedded: embeddings,
    linear: (layer, x) => {
      const output = inLayer(layer, () => outputOf(x, linearOf(layer)));
      // Logits are differentiated where they are made, chunk by chunk, and never kept.
      return layer.role === 'head' ? output : g.mark(output, 'costly');
    },
    linearColumns: (layer, x, sizes) =>
      inLayer(layer, () => {
        const applied = linearOf(layer);
        const product = applied.productOf(x);
        const adapted = adaptedOutput(product, x, applied);
        const bias = biasOf(layer);
        if (adapted) return slices(g, g.mark(adapted, 'costly'), 1, sizes);
        const columns = applied.weight.columns?.(x, sizes) ?? slices(g, g.mark(product, 'costly'), 1, sizes);
        const biases = bias && slices(g, bias, 0, sizes);
        return columns.map((part, at) => g.mark(biases ? g.add(part, biases[at]!) : part, 'costly'));
      }),
    convolution: (layer, x) => {
      const { kernel } = layer;
      if (!kernel) throw new Error(`${layer.module} has no kernel`);
      const form = convolutionForm(g, kernel);
      const { matrix } = unfoldedKernel(layer, kernel);
      const productOf = (of: Value): Value => form.project(of, matrix);
      return inLayer(layer, () =>
        g.mark(outputOf(x, { layer, weight: layerMatrix(layer), productOf, form }), 'costly'),
      );
    },
    embedding: (layer, indices) => {
      const weight = layerTable(layer);
      return inLayer(layer, () =>
        outputOf(indices, { layer, weight, productOf: weight.rows, form: embeddingForm(g) }),
      );
    },
    isFrozen,
    frozenWeight: (layer) => (isFrozen(layer) && !layer.bias ? layerMatrix(layer).values?.() : undefined),
  });
};

/** Adds the model's forward pass to a graph. */
export const buildForward = (g: GraphBuilder, model: Model, options: ForwardOptions): ForwardResult =>
  forwardWith(
    g,
    model.architecture,
    model.base ? quantizedWeights(g, model.base) : weightsInPlace(g, model.tensors),
    options,
  );

/** The weights and linear layers that an architecture has, found by building its forward graph once, with nothing behind it. */
export const listWeights = (
  architecture: ModelArchitecture,
): Pick<Model, 'weightShapes' | 'trainableWeights' | 'linearLayers' | 'targetLayers'> => {
  const weightShapes = new Map<string, readonly number[]>();
  const targetLayers: LinearLayer[] = [];
  const g = createGraphBuilder();
  const listed = (name: string, shape: readonly number[]): Value => {
    weightShapes.set(name, shape);
    return g.input(name, 'float32', shape);
  };
  const { hidden, head } = forwardWith(g, architecture, undefined, {
    positions: 1,
    weight: listed,
    adapt: ({ layer }) => {
      targetLayers.push(layer);
      return undefined;
    },
  });
  head.logits(hidden);
  const trainableWeights = [...weightShapes.keys()];
  for (const part of architecture.besides ?? [])
    forwardWith(g, { ...architecture, forward: (context) => ({ hidden: part(context), head }) }, undefined, {
      positions: 1,
      weight: listed,
    });
  const linearLayers = targetLayers.filter(({ role = 'hidden' }) => role === 'hidden');
  return { weightShapes, trainableWeights, linearLayers, targetLayers };
};

/** What a folder's files call a weight. */
const nameInFiles = (
  { tensors }: ModelFolder,
  { otherNames }: ModelArchitecture,
  name: string,
): string | undefined => [name, ...(otherNames?.(name) ?? [])].find((one) => tensors.has(one));

interface Described extends Pick<Model, 'architecture' | 'contradictsTie'> {
  /** Tensors that repeat a weight under a tied head's name, with the architecture's name of the weight. */
  readonly copies: ReadonlyMap<string, string>;
}

/** The architecture that config.json describes, its head tied or not as the files have it. */
const describeFolder = (folder: ModelFolder): Described => {
  const place = configPlaceOf(folder);
  const architecture = readArchitecture(folder.config, place);
  const locate = (name: string): TensorLocation | undefined =>
    folder.tensors.get(nameInFiles(folder, architecture, name) ?? '');
  const heads = storedHeads(folder, listWeights(architecture).targetLayers, locate);
  if (heads.some(({ isCopy }) => !isCopy)) {
    const untied = readArchitecture({ ...folder.config, tie_word_embeddings: false }, place);
    return { architecture: untied, contradictsTie: true, copies: new Map() };
  }
  return {
    architecture,
    contradictsTie: false,
    copies: new Map(heads.map(({ name, tiedTo }) => [name, tiedTo])),
  };
};

const tieNotice =
  'config.json ties the head to the embeddings (tie_word_embeddings), but the files hold a lm_head.weight of its own that differs from them: the model is computed with that head, as transformers 5 does (transformers 4 ties them); exports say tie_word_embeddings false';

/**
 * Understands an opened model folder: its files must hold each weight in its shape and in a floating-point type, and nothing that would
 * make it another model.
 */
export const readModel = (folder: ModelFolder): Model => {
  const { architecture, contradictsTie, copies } = describeFolder(folder);
  const listed = listWeights(architecture);
  const tensors = new Map<string, TensorLocation>();
  const nameOfFile = new Map(copies);
  for (const [name, shape] of listed.weightShapes) {
    const found = nameInFiles(folder, architecture, name) ?? name;
    checkWeight(folder, found, shape);
    tensors.set(name, folder.tensors.get(found) as TensorLocation);
    nameOfFile.set(found, name);
  }
  const notices = [
    ...(folder.notices ?? []),
    ...(contradictsTie ? [tieNotice] : []),
    ...accountForTensors(folder, architecture, new Set(nameOfFile.keys())),
  ];
  return { folder, architecture, ...listed, tensors, nameOfFile, contradictsTie, notices };
};

const checkWeight = ({ directory, tensors }: ModelFolder, name: string, shape: readonly number[]): void => {
  const location = tensors.get(name);
  if (!location)
    throw invalidInput(`${directory}: the weights have no tensor ${name}, which config.json asks for`);
  if (location.shape.join() !== shape.join())
    throw invalidInput(
      `${location.file}: ${name} is (${location.shape.join(' x ')}), config.json makes it (${shape.join(' x ')})`,
    );
  if (!isWeightDtype(location.dtype))
    throw new WorkbenchError(
      'unsupported',
      `${location.file}: ${name} is ${location.dtype}; weights in F32, F16 and BF16 are supported`,
    );
};

export const openModel = (directory: string): Model => readModel(openModelFolder(directory));

/** Numbers in all the weights together. */
export const countParameters = (weightShapes: Model['weightShapes']): number =>
  [...weightShapes.values()].reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);
