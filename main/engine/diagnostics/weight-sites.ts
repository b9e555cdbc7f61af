import { targetName, weightName, type LinearLayer } from '../models/architecture.ts';
import type { Model } from '../models/model.ts';

/** Every linear layer whose weight the folder has, each weight once: those of the layers first, embeddings and heads, which are the largest, last. */
export const weightSites = ({
  linearLayers,
  targetLayers,
  tensors,
}: Pick<Model, 'linearLayers' | 'targetLayers' | 'tensors'>): LinearLayer[] => {
  const layers = [...new Set([...linearLayers, ...targetLayers])];
  const byWeight = new Map<string, LinearLayer>();
  for (const layer of layers) {
    const name = weightName(layer);
    const file = tensors.get(name)?.file;
    if (file !== undefined && file !== '' && !byWeight.has(name)) byWeight.set(name, layer);
  }
  return [...byWeight.values()].sort((a, b) => Number(isTable(a)) - Number(isTable(b)));
};

const isTable = ({ role }: LinearLayer): boolean => role === 'embedding' || role === 'head';

/** What sites of one name and size go by: `q_proj 576x576`. */
export const siteKind = (layer: Pick<LinearLayer, 'module' | 'outFeatures' | 'inFeatures'>): string =>
  `${targetName(layer)} ${layer.outFeatures}x${layer.inFeatures}`;
