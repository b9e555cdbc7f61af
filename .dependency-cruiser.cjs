/** Dependencies point one way: shell, cli -> api -> services -> store, trainer -> engine; renderer, preload -> api/contract. */

/** Layer -> the layers it may import besides itself. */
const layers = {
  engine: [],
  locks: ['engine'],
  store: ['locks', 'engine', 'trainer'], // trainer: its protocol's types
  trainer: ['locks', 'engine'],
  services: ['store', 'trainer', 'engine'],
  api: ['services', 'trainer', 'engine'], // trainer, engine: only for schemas, see contract-is-pure
  cli: ['api', 'services', 'store', 'trainer', 'engine'],
  sample: ['trainer', 'engine'], // the scripts that made it
  shell: ['api', 'services', 'store', 'trainer', 'engine'],
};

const layerRules = Object.entries(layers).map(([layer, allowed]) => ({
  name: `${layer}-looks-down-only`,
  comment: `main/${layer} may import main/${[layer, ...allowed].join(', main/')} and packages`,
  severity: 'error',
  from: { path: `^main/${layer}/` },
  to: {
    path: '^(main|renderer|preload|native|test)/',
    pathNot: `^(main/(${[layer, ...allowed].join('|')})|native)/`,
  },
}));

/**
 * The rooms of main/engine from the bottom up: each may import those before it, and the files that stand beside the rooms. Those import
 * no room. What two rooms need of each other shows that something stands in the wrong one.
 */
const engineRooms = [
  'metrics',
  'statistics',
  'regular-expressions',
  'formats',
  'diffusion',
  'linear-algebra',
  'templates',
  'tokenizer',
  'data',
  'graph',
  'lower',
  'runtime',
  'base',
  'models',
  'adapters',
  'peft',
  'autodiff',
  'optim',
  'objectives',
  'init',
  'train',
  'generation',
  'scoring',
  'drawing',
  'memory',
  'diagnostics',
  'budgets',
];

const engineRoomRules = engineRooms.map((room, floor) => ({
  name: `${room}-imports-rooms-below`,
  comment: `main/engine/${room} may import ${engineRooms.slice(0, floor).join(', ') || 'no other room'}`,
  severity: 'error',
  from: { path: `^main/engine/${room}/` },
  to: {
    path: '^main/engine/[^/]+/',
    pathNot: `^main/engine/(${engineRooms.slice(0, floor + 1).join('|')})/`,
  },
}));

/** Run by hand, never shipped. */
const developmentScripts = ['^main/sample/build/', '^main/shell/icons/', '^main/shell/start\\.ts$'];

/** A package that only one part of the house may touch. */
const only = (name, packagePattern, from) => ({
  name,
  severity: 'error',
  from: { path: '^(main|renderer|preload)/', pathNot: from },
  to: { path: packagePattern },
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    ...layerRules,
    ...engineRoomRules,
    {
      name: 'engine-rooms-are-known',
      comment: 'a new room of main/engine takes its place in the list of this file',
      severity: 'error',
      from: { path: '^main/engine/[^/]+/', pathNot: `^main/engine/(${engineRooms.join('|')})/` },
      to: {},
    },
    {
      name: 'beside-the-rooms-is-below-them',
      comment: 'the files of main/engine itself are what every room may use',
      severity: 'error',
      from: { path: '^main/engine/[^/]+$' },
      to: { path: '^main/engine/[^/]+/' },
    },
    {
      name: 'window-knows-the-contract-only',
      comment: 'renderer and preload talk to the rest through main/api/contract*.ts',
      severity: 'error',
      from: { path: '^(renderer|preload)/' },
      to: {
        path: '^(main|preload|renderer|native|test)/',
        pathNot: ['^main/api/contract[^/]*\\.ts$', '^$1/'],
      },
    },
    {
      name: 'contract-is-pure',
      comment: 'the contract runs in a browser: nothing that it reaches may need Node or native code',
      severity: 'error',
      from: { path: '^main/api/contract[^/]*\\.ts$' },
      to: {
        path: [
          '^node:',
          '^(fs|path|os|crypto|child_process|worker_threads)$',
          'node_modules/(?!zod/|@eslint-community/regexpp/)',
        ],
        reachable: true,
      },
    },
    {
      name: 'sources-know-no-tests',
      severity: 'error',
      from: { path: '^(main|renderer|preload)/' },
      to: { path: '^test/' },
    },
    only('electron-in-shell-and-preload', '(^|/)electron(/|$)', '^(main/shell|preload)/'),
    only('sqlite-in-store', '(^|/)better-sqlite3(/|$)', '^main/(store|locks)/'),
    only('onnxruntime-in-runtime', '(^|/)onnxruntime-(node|common)(/|$)', '^main/engine/runtime/'),
    only('sharp-in-pictures', '(^|/)sharp(/|$)', '^main/engine/data/pictures/decode/'),
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-development-packages',
      comment:
        'what ships may only need what package.json lists under dependencies (types and the bundled renderer aside)',
      severity: 'error',
      from: { path: '^(main|preload)/', pathNot: developmentScripts },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: '(^|/)electron/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(out|dist)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    moduleSystems: ['es6', 'cjs'],
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'svelte', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.svelte', '.json', '.d.ts'],
    },
  },
};
