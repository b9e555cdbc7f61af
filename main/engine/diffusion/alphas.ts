import type { ScheduleSettings } from './schedule.ts';

type Betas = Pick<
  ScheduleSettings,
  'trainTimesteps' | 'betaStart' | 'betaEnd' | 'betaSchedule' | 'zeroTerminalSnr'
>;

/** torch.linspace in float32, which counts from the nearer end. */
const linspace = (start: number, end: number, count: number): Float32Array => {
  const [first, last] = [Math.fround(start), Math.fround(end)];
  const step = Math.fround(Math.fround(last - first) / (count - 1));
  return Float32Array.from({ length: count }, (_, at) =>
    at < Math.floor(count / 2) ? first + step * at : last - step * (count - 1 - at),
  );
};

const betasOf = ({ betaSchedule, betaStart, betaEnd, trainTimesteps }: Betas): Float32Array => {
  if (betaSchedule === 'linear') return linspace(betaStart, betaEnd, trainTimesteps);
  return linspace(Math.sqrt(betaStart), Math.sqrt(betaEnd), trainTimesteps).map((root) => root * root);
};

/** torch.cumprod of float32: the product is kept in double. */
const cumulativeProduct = (values: Float32Array): Float32Array => {
  let product = 1;
  return values.map((value) => (product *= value));
};

const one = (betas: Float32Array): Float32Array => betas.map((beta) => 1 - beta);

/** Betas whose last timestep is noise alone and whose first is as it was (arXiv 2305.08891, algorithm 1), in float32 throughout. */
const withZeroTerminalSnr = (betas: Float32Array): Float32Array => {
  const roots = cumulativeProduct(one(betas)).map(Math.sqrt);
  const [first, last] = [roots[0]!, roots.at(-1)!];
  const scale = Math.fround(first / Math.fround(first - last));
  const products = roots
    .map((root) => root - last)
    .map((root) => root * scale)
    .map((root) => root * root);
  return products.map((product, at) => 1 - Math.fround(at === 0 ? product : product / products[at - 1]!));
};

/** The share of the latents' variance that is left at each timestep: the products of 1 - beta, float32 as diffusers has them. */
export const cumulativeAlphas = (settings: Betas): Float32Array => {
  const betas = betasOf(settings);
  return cumulativeProduct(one(settings.zeroTerminalSnr ? withZeroTerminalSnr(betas) : betas));
};
