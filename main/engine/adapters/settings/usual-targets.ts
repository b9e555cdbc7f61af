import { diffusionObjectiveNames, pictureObjectiveNames, type ObjectiveName } from '../../objective-names.ts';

const has = (names: readonly ObjectiveName[], objective: ObjectiveName): boolean => names.includes(objective);

/**
 * Layers that adapters sit on where nobody says otherwise, as people train models of the objective: attention of the U-Net where pictures are drawn
 * (DreamBooth with LoRA), queries, keys and values of both towers where they are compared with texts (CLIP-LoRA, NoRA). Pure: forms ask it too.
 */
export const usualTargets = (objective: ObjectiveName): 'all-linear' | string[] => {
  if (has(diffusionObjectiveNames, objective)) return ['to_q', 'to_k', 'to_v', 'to_out.0'];
  return has(pictureObjectiveNames, objective) ? ['q_proj', 'k_proj', 'v_proj'] : 'all-linear';
};
