import { defineConfig } from 'electron-vite';
import { rendererConfig } from './vite.config.ts';

/** A sandboxed preload is one CommonJS file that can require nothing but Electron. */
export const preloadConfig = {
  build: {
    externalizeDeps: false,
    outDir: 'out/preload',
    rolldownOptions: {
      input: { index: 'preload/index.ts' },
      output: { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false },
    },
  },
} as const;

export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      rolldownOptions: {
        input: { index: 'main/shell/index.ts', trainer: 'main/trainer/entry.ts' },
        output: { format: 'es' },
      },
    },
  },
  preload: preloadConfig,
  renderer: {
    ...rendererConfig,
    build: { ...rendererConfig.build, rolldownOptions: { input: 'renderer/index.html' } },
  },
});
