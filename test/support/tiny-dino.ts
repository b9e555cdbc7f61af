import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.ts';

const views = {
  vit: { image_processor_type: 'ViTImageProcessor', size: { height: 16, width: 16 }, resample: 3 },
  dinov2: {
    image_processor_type: 'BitImageProcessor',
    size: { shortest_edge: 27 },
    crop_size: { height: 24, width: 24 },
    image_mean: [0.485, 0.456, 0.406],
    image_std: [0.229, 0.224, 0.225],
  },
} as const;

/** Folder of a DINO or DINOv2 of random weights, as it sees pictures. */
export const writeTinyDino = (directory: string, kind: keyof typeof views): string => {
  mkdirSync(directory, { recursive: true });
  cpSync(join(root, 'test/engine/models/fixtures', kind, 'model'), directory, { recursive: true });
  writeFileSync(join(directory, 'preprocessor_config.json'), JSON.stringify(views[kind]));
  return directory;
};
