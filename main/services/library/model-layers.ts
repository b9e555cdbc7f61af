import type { LayerPlace } from '../../engine/models/architecture.ts';
import type { ModelRecord } from '../../store/repositories/models.ts';
import type { ReadFiles } from '../reading/reader.ts';

/** All layers of a model that adapters can be put on, as its headers have them now. */
export const targetLayersOf = async (
  readFiles: ReadFiles,
  { directory }: Pick<ModelRecord, 'directory'>,
): Promise<readonly LayerPlace[]> => (await readFiles({ kind: 'layers', directory })).layers.targetLayers;
