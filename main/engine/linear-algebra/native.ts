import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Tensor } from '../tensor.ts';
import { isCutOff } from './cut-off-library.ts';

/** What native/src exports. Each function writes into the arrays it is passed; lengths that do not fit throw. */
export type NativeAddon = {
  /** As `truncatedSvd` in truncated-svd.ts, but without its checks and its sign rule. */
  truncatedSvd(
    rows: number,
    columns: number,
    data: Float64Array | Float32Array,
    rank: number,
    u: Float64Array,
    singularValues: Float64Array,
    vt: Float64Array,
  ): void;
  /**
   * The factors of `randomizedAwsvd` in init/randomized-awsvd.ts into `a`, `b` and `singularValues`, on a thread of libuv's
   * pool: no array may be touched until it settles. `sketch` is empty where the whole space is to be decomposed. Gives the
   * relative error, or null where fp32 could not verify the result.
   */
  randomizedAwsvd(
    weight: Float32Array,
    scale: Float64Array,
    sketch: Float32Array,
    rank: number,
    exponentB: number,
    exponentA: number,
    a: Float32Array,
    b: Float32Array,
    singularValues: Float64Array,
  ): Promise<number | null>;
  /** left (rows x inner) times right (inner x columns) into `product`, which overlaps neither. */
  product(
    rows: number,
    inner: number,
    columns: number,
    left: Float64Array,
    right: Float64Array,
    product: Float64Array,
  ): void;
  /** As `takeIn` in triangle.ts: `triangle` (n x n) with `rows` (m x n) taken in, on a thread of libuv's pool. */
  updateTriangle(n: number, rows: Float64Array, triangle: Float64Array): Promise<void>;
  convertBf16ToF32(source: Uint16Array, target: Float32Array): void;
  convertF32ToBf16(source: Float32Array, target: Uint16Array): void;
  convertFp16ToF32(source: Uint16Array, target: Float32Array): void;
  convertF32ToFp16(source: Float32Array, target: Uint16Array): void;
  /** As `quantizeTwoWay` in base/quantize.ts; scales start as zeros. */
  quantizeTwoWay(
    rows: number,
    columns: number,
    weight: Float32Array,
    forward: Int8Array,
    forwardScales: Float32Array,
    backward: Int8Array,
    backwardScales: Float32Array,
  ): number[];
  /** As `quantizeBlocks` in base/quantize.ts; values start as zeros. */
  quantizeBlocks(
    columns: number,
    block: number,
    bits: number,
    weight: Float32Array,
    values: Uint8Array,
    scales: Float32Array,
  ): number[];
  /** Gives the pages back that the C library keeps of freed memory. */
  trimHeap(): void;
  /** A step of AdamW as `adamWGraph` in optim/adamw.ts has it, bit for bit, in place and in one pass. No two arrays may overlap. */
  adamW(
    parameters: Float32Array,
    firstMoment: Float32Array,
    secondMoment: Float32Array,
    gradient: Float32Array,
    step: AdamWStep,
  ): void;
  /** Opens ONNX Runtime's library, once a process, and gives its version. @throws Error where it cannot be opened */
  openRuntime(library: string): string;
  /** The operators that sessions of the addon's have. */
  operatorNames(): string[];
  NativeSession: new (
    library: string,
    model: Uint8Array,
    options: {
      readonly threads?: number;
      readonly arena: boolean;
      readonly profile?: string;
      readonly configuration: Readonly<Record<string, string>>;
    },
  ) => NativeSession;
};

/** What one step of AdamW is made with. */
export interface AdamWStep {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** 1 - beta1^t and 1 - beta2^t */
  readonly correction1: number;
  readonly correction2: number;
  /** What clipping multiplies the gradient by. */
  readonly gradientScale: number;
  readonly learningRate: number;
  /** What decay multiplies parameters by. */
  readonly decay: number;
}

/** A session that the addon opens in ONNX Runtime; main/engine/runtime/native-session.ts is what others use. */
export interface NativeSession {
  /**
   * Runs once. Arrays of inputs are read where they are; outputs are written to their array, or come in a fresh one where it is null: those
   * are what is given back, each in its place. The lists of a kind go together.
   */
  run(
    inputs: readonly string[],
    data: readonly Tensor['data'][],
    shapes: readonly Tensor['shape'][],
    outputs: readonly string[],
    targets: readonly (Tensor['data'] | null)[],
    targetShapes: readonly Tensor['shape'][],
  ): (Tensor | null)[];
  /** Bytes that values and what kernels work in have taken at most at a time. */
  mostInUse(): number;
  /** Frees everything, and writes the profile where one is asked for. */
  release(): void;
}

/** What an addon must have to be of this version. */
const functions = Object.keys({
  truncatedSvd: true,
  randomizedAwsvd: true,
  product: true,
  updateTriangle: true,
  convertBf16ToF32: true,
  convertF32ToBf16: true,
  convertFp16ToF32: true,
  convertF32ToFp16: true,
  quantizeTwoWay: true,
  quantizeBlocks: true,
  trimHeap: true,
  adamW: true,
  openRuntime: true,
  operatorNames: true,
  NativeSession: true,
} satisfies Record<keyof NativeAddon, true>) as (keyof NativeAddon)[];

/** For `nora doctor`: whether the addon is in use, where it lies, and if not why. */
export type NativeStatus = { readonly available: boolean; readonly reason?: string; readonly path?: string };

type Loaded = { readonly addon?: NativeAddon; readonly status: NativeStatus };

let loaded: Loaded | undefined;

/** The addon, or undefined where it is not built, does not load or is switched off by NORA_NATIVE=0. Never throws. */
export const nativeAddon = (): NativeAddon | undefined => find().addon;

export const nativeStatus = (): NativeStatus => find().status;

const find = (): Loaded => {
  if (process.env['NORA_NATIVE'] === '0')
    return { status: { available: false, reason: 'switched off by NORA_NATIVE=0' } };
  return (loaded ??= load());
};

const load = (): Loaded => {
  const path = candidates().find((candidate) => existsSync(candidate));
  if (!path) return { status: { available: false, reason: 'native/nora-native.node is not built' } };
  try {
    if (isCutOff(path)) {
      const reason = `${path} is cut off; npm run build:native makes it anew`;
      return { status: { available: false, reason, path } };
    }
    const addon = createRequire(import.meta.url)(path) as NativeAddon;
    const missing = functions.filter((name) => typeof addon[name] !== 'function');
    if (missing.length === 0) return { addon, status: { available: true, path } };
    const reason = `is of another version (it has no ${missing.join(', ')}); npm run build:native makes it anew`;
    return { status: { available: false, reason, path } };
  } catch (error) {
    const [reason] = String(error instanceof Error ? error.message : error).split('\n');
    return { status: { available: false, reason: `does not load: ${reason}`, path } };
  }
};

/** Beside the packaged app's asar, and in the checkout: seen from this source file and from the bundle in out/main. */
const candidates = (): string[] => {
  const file = 'native/nora-native.node';
  const { resourcesPath } = process as { resourcesPath?: string };
  const inCheckout = ['../../..', '../..'].map((up) =>
    fileURLToPath(new URL(`${up}/${file}`, import.meta.url)),
  );
  return resourcesPath ? [join(resourcesPath, file), ...inCheckout] : inCheckout;
};
