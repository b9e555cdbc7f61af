import { invalidInput } from '../../../engine/errors.ts';
import { createRandom, type Random } from '../../../engine/random.ts';
import { hasSetting, settingPath, withSetting, type SettableArm } from './setting-path.ts';
import { settingText } from './setting-text.ts';
import type { SettingRange, SettingValue, Sweep, Trial } from './sweep-schema.ts';

const mostTrials = 1000;

/** To so many digits, so that a rate reads as one: 0.0003 and not 0.00030000000000000003. */
const digits = 4;
const rounded = (value: number, whole: boolean): number =>
  whole ? Math.round(value) : Number(value.toPrecision(digits));

/** Where a share of the way between two ends lies. */
const between = ([from, to]: readonly [number, number], share: number, logarithmic: boolean): number =>
  logarithmic ? from * (to / from) ** share : from + (to - from) * share;

/** The points of a grid along one setting, each once. */
const pointsOf = (range: SettingRange): SettingValue[] => {
  if ('values' in range) return [...new Set(range.values)];
  const { points, whole } = range;
  const isLogarithmic = 'logRange' in range;
  const ends = isLogarithmic ? range.logRange : range.range;
  const numbers = Array.from({ length: points }, (_, at) =>
    rounded(between(ends, at / (points - 1), isLogarithmic), whole),
  );
  return [...new Set(numbers)];
};

const drawFrom = (range: SettingRange, random: Random): SettingValue => {
  if ('values' in range) return range.values[random.integer(range.values.length)] as SettingValue;
  const isLogarithmic = 'logRange' in range;
  const ends = isLogarithmic ? range.logRange : range.range;
  return rounded(between(ends, random.uniform(), isLogarithmic), range.whole);
};

type Settings = Readonly<Record<string, SettingValue>>;

const grid = (ranges: readonly (readonly [string, SettingRange])[]): Settings[] => {
  const points = ranges.map(([path, range]) => [path, pointsOf(range)] as const);
  const count = points.reduce((product, [, values]) => product * values.length, 1);
  if (count > mostTrials)
    throw invalidInput(
      `sweep.settings: the grid has ${count.toLocaleString('en-US')} points, at most ${mostTrials.toLocaleString('en-US')} are possible`,
    );
  return points.reduce<Settings[]>(
    (combinations, [path, values]) =>
      combinations.flatMap((settings) => values.map((value) => ({ ...settings, [path]: value }))),
    [{}],
  );
};

/** A setting has a stream of its own: another one beside it does not change what is drawn for it. */
const drawn = (
  ranges: readonly (readonly [string, SettingRange])[],
  count: number,
  seed: number,
): Settings[] => {
  const columns = ranges.map(([path, range], at) => {
    const random = createRandom(seed, at);
    return [path, Array.from({ length: count }, () => drawFrom(range, random))] as const;
  });
  return Array.from({ length: count }, (_, trial) =>
    Object.fromEntries(columns.map(([path, values]) => [path, values[trial] as SettingValue])),
  );
};

/** As people call them in the name of a run. */
const shortNames: Readonly<Record<string, string>> = {
  'training.learningRate': 'lr',
  'training.weightDecay': 'decay',
  'training.batchSize': 'batch',
  'adapter.innerRank': "r'",
  'adapter.rank': 'r',
  'adapter.outerRank': 'r',
};

/** 3e-4 is how rates are written. */
const valueText = (path: string, value: SettingValue): string =>
  path === 'training.learningRate' && typeof value === 'number' && value < 0.1
    ? value.toExponential().replace('e+', 'e')
    : settingText(value);

const trialLabel = (settings: Settings): string =>
  Object.entries(settings)
    .map(([path, value]) => `${shortNames[path] ?? path.split('.').at(-1)} ${valueText(path, value)}`)
    .join(', ');

/** Of a search, by full path, in the order given; each path once, however it is written. */
const rangesOf = ({ settings }: Sweep): (readonly [string, SettingRange])[] => {
  const ranges = new Map<string, SettingRange>();
  for (const [path, range] of Object.entries(settings)) {
    const { full } = settingPath(path);
    if (ranges.has(full)) throw invalidInput(`sweep.settings: ${full} is there twice`);
    ranges.set(full, range);
  }
  return [...ranges];
};

/**
 * Every trial of a search, the same for all arms: plain data that the same definition always gives.
 * @throws invalid-input for a path that is no setting, and for a grid of too many points
 */
export const planTrials = (sweep: Sweep): Trial[] => {
  const ranges = rangesOf(sweep);
  const points = sweep.search === 'grid' ? grid(ranges) : drawn(ranges, sweep.trials ?? 0, sweep.seed);
  return points.map((settings, number) => ({
    number,
    settings: { ...settings },
    label: trialLabel(settings),
  }));
};

/** Full paths of what a search changes. */
export const sweptPaths = (sweep: Sweep | null): ReadonlySet<string> =>
  new Set(sweep === null ? [] : rangesOf(sweep).map(([path]) => path));

/**
 * An arm as a trial has it. Settings that its method lacks are passed over: `adapter.innerRank` says nothing of a LoRA.
 * @throws invalid-input naming the setting, for a value that it can't have
 */
export const withTrial = <Arm extends SettableArm>(arm: Arm, { settings }: Pick<Trial, 'settings'>): Arm =>
  Object.entries(settings).reduce((changed, [path, value]) => {
    const known = settingPath(path);
    return hasSetting(changed, known) ? withSetting(changed, known, value) : changed;
  }, arm);

/** The trials that differ for an arm: those that only change what its method lacks are one. */
export const trialsOfArm = (sweep: Sweep, arm: Pick<SettableArm, 'adapter'>): Trial[] => {
  const seen = new Set<string>();
  return planTrials(sweep).filter(({ settings }) => {
    const own = Object.entries(settings).filter(([path]) => hasSetting(arm, settingPath(path)));
    const key = JSON.stringify(own);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
};
