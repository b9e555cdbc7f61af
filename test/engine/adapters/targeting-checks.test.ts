import { describe, expect, it } from 'vitest';
import { checkAdapterFits } from '../../../main/engine/adapters/layer/adapter-fits.ts';
import { adapterSettingsSchema } from '../../../main/engine/adapters/settings/adapter-settings.ts';
import { newAdapterSettingsSchema } from '../../../main/engine/adapters/settings/new-settings.ts';
import { expressionProblem, matchesWhole } from '../../../main/engine/adapters/description/patterns.ts';
import { check, inOneLine, problemText } from '../../../main/engine/problems.ts';
import { inTime } from '../../support/refused-in-time.ts';

const layer = (module: string, role: 'hidden' | 'head' | 'embedding' = 'hidden') => ({
  module,
  outFeatures: 64,
  inFeatures: 64,
  role,
});

/** Layers 0 to 3; only the even ones have attention. */
const targetLayers = [
  layer('model.embed_tokens', 'embedding'),
  ...[0, 1, 2, 3].flatMap((number) => [
    ...(number % 2 === 0
      ? ['q_proj', 'v_proj'].map((name) => layer(`model.layers.${number}.self_attn.${name}`))
      : []),
    layer(`model.layers.${number}.mlp.down_proj`),
  ]),
  layer('lm_head', 'head'),
];
const model = {
  targetLayers,
  weightShapes: new Map(
    ['model.norm', ...targetLayers.map(({ module }) => module)].map((module) => [`${module}.weight`, [64]]),
  ),
};
const fit = (settings: object) => (): void =>
  checkAdapterFits(model, adapterSettingsSchema.parse({ method: 'lora', rank: 4, ...settings }));

const messageOf = (act: () => void): string => {
  try {
    act();
    return 'nothing';
  } catch (error) {
    return (error as Error).message;
  }
};

const has = '(it has q_proj, v_proj, down_proj, embed_tokens, lm_head)';

describe('what the model does not have is refused, with what it may be', () => {
  it.each<[object, string]>([
    [
      { targetModules: ['q_porj'] },
      `targetModules: the model has no module q_porj; did you mean q_proj? ${has}`,
    ],
    [{ targetModules: ['q_proj', 'c_attn'] }, `targetModules: the model has no module c_attn ${has}`],
    [
      { targetModules: ['self_atn.q_proj'] },
      'targetModules: the model has no module self_atn.q_proj; did you mean self_attn.q_proj? (it has self_attn.q_proj, self_attn.v_proj, mlp.down_proj, model.embed_tokens, lm_head)',
    ],
    [
      { targetModules: 'q_proj' },
      'targetModules: "q_proj" is taken for a regular expression and is the whole path of no module; as a list, [q_proj], it names modules by the ends of their paths (the model has q_proj, v_proj, down_proj, embed_tokens, lm_head)',
    ],
    [
      { targetModules: '.*\\.h\\..*' },
      'targetModules: ".*\\\\.h\\\\..*" is taken for a regular expression and is the whole path of no module, such as model.layers.0.self_attn.q_proj (the model has q_proj, v_proj, down_proj, embed_tokens, lm_head)',
    ],
    [
      { excludeModules: ['dwon_proj'] },
      `excludeModules: the model has no module dwon_proj; did you mean down_proj? ${has}`,
    ],
    [
      { excludeModules: 'lm_.*x' },
      'excludeModules: "lm_.*x" is taken for a regular expression and is the whole path of no module, such as model.layers.0.self_attn.q_proj (the model has q_proj, v_proj, down_proj, embed_tokens, lm_head)',
    ],
    [
      { modulesToSave: ['lm_heads'] },
      'modulesToSave: the model has no module lm_heads; did you mean lm_head? (it has norm, embed_tokens, q_proj, v_proj, down_proj, lm_head)',
    ],
    [
      { layersToTransform: [0, 4] },
      'layersToTransform: no module of targetModules is in layer 4 (they are in layers 0 to 3)',
    ],
    [
      { layersToTransform: [1], targetModules: ['q_proj'] },
      'layersToTransform: no module of targetModules is in layer 1 (they are in layers 0, 2)',
    ],
    [
      { layersToTransform: [0], targetModules: ['lm_head'] },
      'layersToTransform: no module of targetModules is in layer 0 (they have no numbers)',
    ],
    [
      { rankPattern: { q_prj: 8 } },
      'rankPattern: no module that the adapter sits on matches "q_prj"; did you mean q_proj? (it has q_proj, v_proj, down_proj)',
    ],
    [
      { alphaPattern: { down_proj: 8 }, targetModules: ['q_proj'] },
      'alphaPattern: no module that the adapter sits on matches "down_proj" (it has q_proj)',
    ],
    [
      { excludeModules: ['q_proj', 'v_proj', 'down_proj'] },
      'excludeModules: takes out every layer that targetModules "all-linear" chooses (q_proj, v_proj, down_proj)',
    ],
  ])('%j', (settings, message) => expect(messageOf(fit(settings))).toBe(message));

  it.each([
    { targetModules: ['q_proj'], layersToTransform: [0, 2] },
    { layersToTransform: [] },
    { targetModules: 'model\\.layers\\.[01]\\..*', excludeModules: '.*down.*' },
    { excludeModules: ['lm_head'], modulesToSave: ['norm'] },
    { rankPattern: { 'self_attn.q_proj': 8, 'layers\\.[13]\\.mlp\\..*': 2 }, alphaPattern: { v_proj: 1 } },
  ])('and what it has is not: %j', (settings) => expect(fit(settings)).not.toThrow());
});

describe('settings of an adapter to be trained', () => {
  const problems = (settings: object): string =>
    inOneLine(check(newAdapterSettingsSchema, { method: 'lora', ...settings }).problems.map(problemText));

  it.each<[object, string]>([
    [{ alpha: 0 }, 'alpha: expected more than 0, not 0'],
    [{ alpha: -2 }, 'alpha: expected more than 0, not -2'],
    [{ alpha: NaN }, 'alpha: expected a number, not NaN'],
    [{ alphaPattern: { q_proj: 0 } }, 'alphaPattern.q_proj: expected more than 0, not 0'],
    [{ rankPattern: { q_proj: 0 } }, 'rankPattern.q_proj: expected more than 0, not 0'],
    [{ dropout: 1 }, 'dropout: expected at least 0 and less than 1, not 1'],
    [{ dropout: -0.1 }, 'dropout: expected at least 0 and less than 1, not -0.1'],
    [{ dropout: 2 }, 'dropout: expected at least 0 and less than 1, not 2'],
    [{ rank: 0 }, 'rank: expected at least 1, not 0'],
    [{ rank: 1e9 }, 'rank: expected at most 65,536, not 1000000000'],
    [{ layersToTransform: [-1] }, 'layersToTransform[0]: expected at least 0, not -1'],
    [{ method: 'vera', initial: 0 }, 'initial: expected more than 0, not 0'],
    [
      { targetModules: '(q_proj' },
      'targetModules: "(q_proj" is not a regular expression (unterminated group)',
    ],
    [
      { excludeModules: '(?i)lm_head' },
      'excludeModules: "(?i)lm_head" is not a regular expression (invalid group)',
    ],
    [{ alphaPattern: { '*q': 1 } }, 'alphaPattern.*q: "*q" is not a regular expression (nothing to repeat)'],
    [
      { targetModules: '.*q_proj\\Z' },
      'targetModules: ".*q_proj\\Z" is not a regular expression that can be read here (\\Z)',
    ],
  ])('%j', (settings, message) => expect(problems(settings)).toBe(message));

  it('leave an adapter that comes trained its own numbers', () => {
    const { alpha, dropout } = adapterSettingsSchema.parse({ method: 'lora', alpha: -8, dropout: 1 }) as {
      alpha: number;
      dropout: number;
    };
    expect([alpha, dropout]).toEqual([-8, 1]);
  });
});

it('takes expressions that Python and JavaScript read alike', () => {
  for (const expression of [
    '.*\\.[qv]_proj',
    'a\\\\Z',
    '(?:.*?(?:text).*?)|(?:\\bmodel\\.layers\\.[\\d]{1,})',
  ])
    expect(expressionProblem(expression)).toBeNull();
});

it.each(['(.*a)*(.*b)*x', '(([a-z_]+\\.?)+)+!', '(a|a)+z'])(
  '%s takes no time on the name of a module',
  (expression) => {
    expect(expressionProblem(expression)).toBeNull();
    inTime(() => matchesWhole(expression, `model.layers.3.${'self_attn.'.repeat(8)}q_proj`));
  },
);

it.each([
  ['(a)\\1', 'uses \\1, so the time that it takes can not be bounded'],
  ['(?:a{5000}){5000}', 'has too many repetitions'],
  [`${'('.repeat(50_000)}a${')'.repeat(50_000)}`, 'is not a regular expression'],
])('an expression that can not be bounded is refused', (expression, told) => {
  expect(expressionProblem(expression)).toContain(told);
});
