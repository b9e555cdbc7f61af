/** Every place in the workbench. */
export type Route =
  | { screen: 'experiments' | 'models' | 'data' | 'adapters' | 'methods' | 'devices' | 'doctor' | 'unknown' }
  | { screen: 'new-experiment'; from?: string; model?: string; data?: string }
  | { screen: 'experiment' | 'model' | 'dataset'; id: string };

const lists = ['experiments', 'models', 'data', 'adapters', 'methods', 'devices', 'doctor'] as const;
const details = { experiments: 'experiment', models: 'model', data: 'dataset' } as const;

export const parseRoute = (hash: string): Route => {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const [first = '', second, ...rest] = path.split('/').map(decode);
  if (rest.length > 0 || second === '') return { screen: 'unknown' };
  if (first === '') return { screen: 'experiments' };
  if (first === 'experiments' && second === 'new') {
    return { screen: 'new-experiment', ...pick(new URLSearchParams(query), ['from', 'model', 'data']) };
  }
  const list = lists.find((name) => name === first);
  if (list === undefined) return { screen: 'unknown' };
  if (second === undefined) return { screen: list };
  const detail = details[list as keyof typeof details];
  return detail === undefined ? { screen: 'unknown' } : { screen: detail, id: second };
};

/** A part that is badly encoded names nothing that exists, so it may stay as it is. */
const decode = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};

const pick = <K extends string>(query: URLSearchParams, names: readonly K[]): Partial<Record<K, string>> =>
  Object.fromEntries(names.flatMap((name) => (query.has(name) ? [[name, query.get(name)]] : []))) as Partial<
    Record<K, string>
  >;

export const href = {
  experiments: '#/experiments',
  experiment: (id: string) => `#/experiments/${encodeURIComponent(id)}`,
  newExperiment: (start: { from?: string; model?: string; data?: string } = {}) => {
    const query = new URLSearchParams(start).toString();
    return `#/experiments/new${query === '' ? '' : `?${query}`}`;
  },
  models: '#/models',
  model: (id: string) => `#/models/${encodeURIComponent(id)}`,
  data: '#/data',
  dataset: (id: string) => `#/data/${encodeURIComponent(id)}`,
  adapters: '#/adapters',
  methods: '#/methods',
  devices: '#/devices',
  doctor: '#/doctor',
};
