import { join } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import type { UserConfig } from 'vite';
import { wuchale } from 'wuchale/vite';
import { writeTexts } from './renderer/texts/write-texts.ts';

/** The renderer: the same files for the window (app://) and for `nora serve`. */
export const rendererConfig: UserConfig = {
  root: join(import.meta.dirname, 'renderer'),
  base: './',
  plugins: [
    { name: 'write-texts', config: () => writeTexts(join(import.meta.dirname, 'renderer')) },
    wuchale({ configPath: join(import.meta.dirname, 'renderer/texts.config.ts') }),
    svelte(),
  ],
  // The texts' imports come with the transform, where the development server does not look for packages at its start: found while the first page
  // loads, they would have it load all over again.
  optimizeDeps: { include: ['@wuchale/svelte/runtime.svelte', 'wuchale/runtime'] },
  build: {
    outDir: join(import.meta.dirname, 'out/renderer'),
    emptyOutDir: true,
    target: 'es2023',
    minify: true, // electron-vite's own default is not to
    // The content security policy allows no data: fonts or inline modules.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
};

export default defineConfig(rendererConfig);
