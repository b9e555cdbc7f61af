import { weightSites } from '../../engine/diagnostics/weight-sites.ts';
import { WorkbenchError } from '../../engine/errors.ts';
import { singularValues } from '../../engine/linear-algebra/singular-values.ts';
import { openModelFolder } from '../../engine/formats/model-folder.ts';
import { describedModel } from '../../engine/models/classifier/classifier-folder.ts';
import { readLayerWeight } from '../../engine/models/weights/model-weights.ts';
import { assertModelStayed } from '../export/model-in-use.ts';
import type { DecomposeSpecification } from '../protocol/decompose-schema.ts';
import type { JobContext } from '../protocol/job.ts';

/** The singular values of a model's weights, one after the other: what is told of one stands, whatever becomes of the others. */
export const decomposeWeights = async (
  specification: DecomposeSpecification,
  { emit, shouldStop }: JobContext,
): Promise<void> => {
  const { modelDirectory, modules } = specification;
  const started = performance.now();
  const model = describedModel(openModelFolder(modelDirectory));
  const layers = new Map(weightSites(model).map((layer) => [layer.module, layer]));
  for (const module of modules) {
    const layer = layers.get(module);
    if (layer === undefined)
      throw new WorkbenchError('not-found', `${modelDirectory}: the model has no linear layer ${module}`);
    const { outFeatures: rows, inFeatures: columns } = layer;
    const values = singularValues({ rows, columns, data: readLayerWeight(model, layer) }, module);
    await assertModelStayed(specification);
    emit({ type: 'decomposed-weight', module, singularValues: [...values] });
    await new Promise((resolve) => setImmediate(resolve)); // a word from the parent gets through
    if (shouldStop() !== null) return emit({ type: 'cancelled', step: 0 });
  }
  emit({ type: 'decomposed', seconds: (performance.now() - started) / 1000 });
};
