import { join } from 'node:path';
import type { ElectronApi } from './electron-api.ts';

/** Where electron-vite (electron.vite.config.ts) and electron-builder (electron-builder.yml) put things. */
export const builtFiles = (
  app: Pick<ElectronApi['app'], 'getAppPath' | 'isPackaged'>,
  resources = process.resourcesPath,
) => {
  const root = app.getAppPath();
  return {
    preload: join(root, 'out/preload/index.cjs'),
    renderer: join(root, 'out/renderer'),
    trainer: join(root, 'out/main/trainer.js'),
    // ONNX Runtime reads the weights itself, so they cannot lie inside the asar.
    sample: app.isPackaged ? join(resources, 'sample') : join(root, 'main/sample'),
  };
};
