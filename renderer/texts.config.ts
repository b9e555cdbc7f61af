/** What is read as a text of the window, and where the texts stand: docs/texts.md. */
import { adapter as markup } from '@wuchale/svelte';
import { defineConfig } from 'wuchale';
import { scriptAdapter } from './texts/script-adapter.ts';
import { sortedStorage } from './texts/sorted-storage.ts';
import { isText } from './texts/words.ts';

/** The language is settled before the window is drawn, so no text has to follow it: the catalogue is taken once a file. */
const runtime = {
  initReactive: ({ funcName }: { funcName?: string | null | undefined }): boolean | null =>
    (funcName ?? null) === null ? false : null,
  useReactive: false,
};

/** For those who build the window. */
const gallery = 'source/gallery/**';

const shared = { heuristic: isText, bundleLoad: true };

export default defineConfig({
  locales: ['en'],
  localesDir: '../out/texts',
  adapters: {
    markup: markup({
      files: { include: 'source/**/*.svelte', ignore: gallery },
      storage: sortedStorage('texts/markup'),
      runtime,
      ...shared,
    }),
    script: scriptAdapter({
      files: { include: 'source/**/*.ts', ignore: gallery },
      storage: sortedStorage('texts/script'),
      ...shared,
    }),
  },
});
