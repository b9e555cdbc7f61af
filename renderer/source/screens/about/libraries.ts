export interface Library {
  name: string;
  licence: string;
  use: string;
}

/** What the app is built on. test/toolchain/libraries.test.ts holds it to the packages. */
export const libraries: Library[] = [
  { name: 'onnxruntime-node', licence: 'MIT', use: 'computes the graphs of training and generation' },
  { name: 'better-sqlite3', licence: 'MIT', use: 'keeps the library and all results' },
  { name: 'sharp', licence: 'Apache-2.0', use: 'reads pictures, with libvips (LGPL-3.0)' },
  { name: 'hyparquet', licence: 'MIT', use: 'reads pictures in Parquet' },
  { name: 'electron', licence: 'MIT', use: 'the desktop window' },
  { name: 'svelte', licence: 'MIT', use: 'the pages' },
  { name: 'bits-ui', licence: 'MIT', use: 'dialogs, menus and fields that work with the keyboard' },
  { name: 'uplot', licence: 'MIT', use: 'charts' },
  { name: '@fontsource-variable/inter', licence: 'OFL-1.1', use: 'the typeface, Inter' },
  { name: 'zod', licence: 'MIT', use: 'checks what comes in' },
  {
    name: '@eslint-community/regexpp',
    licence: 'MIT',
    use: 'reads regular expressions, so that none can run for ever',
  },
  { name: 'yaml', licence: 'ISC', use: 'files of experiments and comparisons' },
  { name: 'ws', licence: 'MIT', use: 'live events in a browser' },
  { name: 'commander', licence: 'MIT', use: 'the command line' },
];
