import type { BaseFormat } from '../../engine/base/base-format.ts';
import { WorkbenchError } from '../../engine/errors.ts';
import type { ModelRecord } from '../../store/repositories/models.ts';

/** Bytes of a weight, scales included; embeddings and head are larger in the last two. */
const bytesPerWeight: Readonly<Record<Exclude<BaseFormat, 'fp32'>, number>> = {
  bf16: 2,
  fp16: 2,
  int8: 2, // two copies, of which one direction needs one
  int4: 0.7,
};

/** Node, ONNX Runtime, the compiled graphs and a cache of keys and values for a few thousand tokens of a small model. */
const processBytes = 4e8;

type Sized = Pick<ModelRecord, 'bytes' | 'parameters'>;

/**
 * float32 files are mapped as they are. Of those in half precision generating makes a float32 copy once, which is mapped; other graphs
 * widen each weight where it is needed and give it back, so this is more than they hold at any time.
 */
const float32Bytes = ({ bytes, parameters }: Sized): number => Math.max(bytes, 4 * parameters);

/** What a session takes at least, roughly. */
export const memoryNeeded = (model: Sized, adapterParameters: number, baseFormat: BaseFormat): number =>
  processBytes +
  4 * adapterParameters +
  (baseFormat === 'fp32' ? float32Bytes(model) : model.parameters * bytesPerWeight[baseFormat]);

/** @throws WorkbenchError `conflict` where a session is not expected to fit */
export const refuseTooLargeSession = (
  model: Sized & Pick<ModelRecord, 'name'>,
  adapterParameters: number,
  baseFormat: BaseFormat,
  available: number,
): void => {
  const needed = memoryNeeded(model, adapterParameters, baseFormat);
  if (needed <= available) return;
  const smaller = memoryNeeded(model, adapterParameters, 'int4');
  const way =
    baseFormat !== 'int4' && smaller <= available
      ? `; with the base in int4 it would take about ${gigabytes(smaller)}`
      : '';
  throw new WorkbenchError(
    'conflict',
    `the model "${model.name}" was not opened: it would take about ${gigabytes(needed)} of memory, and ${gigabytes(available)} are available${way}`,
  );
};

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
