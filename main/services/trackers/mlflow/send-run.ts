import { z } from 'zod';
import type { TrackedRun } from '../tracked-run.ts';
import { MlflowRefusal, type MlflowClient } from './mlflow-client.ts';
import { limits, metricOf, parameterOf, statusOf, tagOf, type MlflowMetric } from './mlflow-forms.ts';

const runSchema = z.object({
  info: z.object({ run_id: z.string(), artifact_uri: z.string() }),
  data: z.object({
    metrics: z.array(z.object({ key: z.string() })).default([]),
    params: z.array(z.object({ key: z.string(), value: z.string() })).default([]),
  }),
});
type MlflowRun = z.output<typeof runSchema>;

const historySchema = z.object({
  metrics: z
    .array(
      z.object({
        // Proto's JSON has numbers of 64 bits as text, and what is no number by its name.
        value: z.union([z.number(), z.string()]).default(0),
        step: z.coerce.number().default(0),
      }),
    )
    .default([]),
  next_page_token: z.string().optional(),
});

/** What came of sending a run. */
export interface SentRun {
  readonly mlflowRunId: string;
  /** Whether it is new there, had something new, had nothing new, or took the place of one that told other numbers. */
  readonly outcome: 'created' | 'updated' | 'unchanged' | 'replaced';
  /** Values of metrics, and files, that were sent now. */
  readonly metrics: number;
  readonly files: number;
  /** Why files were not sent; null where they were. */
  readonly notice: string | null;
}

const tag = 'nora.run_id';

/** The run that was made for this one before, by its tag. */
const findRun = async (
  client: MlflowClient,
  experimentId: string,
  { id }: TrackedRun,
): Promise<MlflowRun | undefined> => {
  const { runs = [] } = (await client.call('runs/search', {
    body: {
      experiment_ids: [experimentId],
      filter: `tags.\`${tag}\` = '${id}'`,
      run_view_type: 'ACTIVE_ONLY',
      max_results: 1,
    },
  })) as { runs?: unknown[] };
  return runs[0] === undefined ? undefined : runSchema.parse(runs[0]);
};

const createRun = async (client: MlflowClient, experimentId: string, run: TrackedRun): Promise<MlflowRun> => {
  const { run: made } = await client.call('runs/create', {
    body: {
      experiment_id: experimentId,
      run_name: run.name,
      start_time: run.startedAt,
      tags: [tagOf(tag, run.id)],
    },
  });
  return runSchema.parse(made);
};

/** The values that the server has of a metric, by step, as it writes them. */
const historyOf = async (client: MlflowClient, runId: string, key: string): Promise<Map<number, number>> => {
  const values = new Map<number, number>();
  for (let page: string | undefined = ''; page !== undefined;) {
    const query = { run_id: runId, metric_key: key, max_results: '10000' };
    const answer: z.output<typeof historySchema> = historySchema.parse(
      await client.call('metrics/get-history', {
        query: page === '' ? query : { ...query, page_token: page },
      }),
    );
    for (const { step, value } of answer.metrics) values.set(step, Number(value));
    page = answer.next_page_token === '' ? undefined : answer.next_page_token;
  }
  return values;
};

/** MLflow's databases keep the largest double in place of infinity. */
const finite = (value: number): number => Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));

const isSame = (a: number, b: number): boolean =>
  (Number.isNaN(a) && Number.isNaN(b)) || finite(a) === finite(b);

/** Of these metrics those that the server lacks; null where it has another value for one of them, which can't be taken back. */
const missingMetrics = async (
  client: MlflowClient,
  { info, data }: MlflowRun,
  metrics: readonly MlflowMetric[],
): Promise<MlflowMetric[] | null> => {
  const there = new Set(data.metrics.map(({ key }) => key));
  const known = new Map<string, Map<number, number>>();
  for (const key of new Set(metrics.map((one) => one.key)))
    known.set(key, there.has(key) ? await historyOf(client, info.run_id, key) : new Map<number, number>());
  const missing: MlflowMetric[] = [];
  for (const metric of metrics) {
    const value = known.get(metric.key)?.get(metric.step);
    if (value === undefined) missing.push(metric);
    else if (!isSame(value, Number(metric.value))) return null;
  }
  return missing;
};

const hasOtherParameters = ({ data }: MlflowRun, run: TrackedRun): boolean => {
  const known = new Map(data.params.map(({ key, value }) => [key, value]));
  return [...run.parameters].some(([name, setting]) => {
    const { key, value } = parameterOf(name, setting);
    return known.has(key) && known.get(key) !== value;
  });
};

const inPortions = <T>(values: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(values.length / size) }, (_, at) =>
    values.slice(at * size, (at + 1) * size),
  );

const logAll = async (
  client: MlflowClient,
  { info: { run_id } }: MlflowRun,
  run: TrackedRun,
  metrics: readonly MlflowMetric[],
): Promise<void> => {
  const parameters = [...run.parameters].map(([key, value]) => parameterOf(key, value));
  for (const params of inPortions(parameters, limits.parameters))
    await client.call('runs/log-batch', { body: { run_id, params } });
  const tags = [...run.tags].map(([key, value]) => tagOf(key, value));
  await client.call('runs/log-batch', { body: { run_id, tags } });
  for (const portion of inPortions(metrics, limits.metrics))
    await client.call('runs/log-batch', { body: { run_id, metrics: portion } });
};

/** The part of the server's own address of artefacts that it takes files under; null where it doesn't take them. */
const artefactFolder = ({ info: { artifact_uri } }: MlflowRun): string | null =>
  /^mlflow-artifacts:(?:\/\/[^/]*)?\/(.+)$/.exec(artifact_uri)?.[1] ?? null;

const sendFiles = async (
  client: MlflowClient,
  there: MlflowRun,
  { files }: TrackedRun,
): Promise<Pick<SentRun, 'files' | 'notice'>> => {
  const folder = artefactFolder(there);
  if (folder === null)
    return {
      files: 0,
      notice: `the server keeps artefacts at ${there.info.artifact_uri} and takes none itself (mlflow server --serve-artifacts): ${files.length} files were not sent`,
    };
  for (const { path, contents } of files)
    await client.put(`${folder}/${path}`.split('/').map(encodeURIComponent).join('/'), contents);
  return { files: files.length, notice: null };
};

/**
 * Sends a run: made there the first time, completed later. Where the run was trained anew and its numbers are others, the one that was there
 * is deleted (MLflow keeps it among the deleted) and made again.
 */
export const sendRun = async (
  client: MlflowClient,
  experimentId: string,
  run: TrackedRun,
): Promise<SentRun> => {
  const metrics = run.metrics.map(metricOf);
  const found = await findRun(client, experimentId, run);
  const missing =
    found === undefined
      ? metrics
      : hasOtherParameters(found, run)
        ? null
        : await missingMetrics(client, found, metrics);
  if (found !== undefined && missing === null)
    await client.call('runs/delete', { body: { run_id: found.info.run_id } });
  const there = found === undefined || missing === null ? await createRun(client, experimentId, run) : found;
  const sent = missing ?? metrics;
  await logAll(client, there, run, sent);
  const files = await sendFiles(client, there, run);
  await client.call('runs/update', {
    body: {
      run_id: there.info.run_id,
      run_name: run.name,
      status: statusOf(run),
      ...(run.endedAt === null ? {} : { end_time: run.endedAt }),
    },
  });
  const outcome =
    found === undefined
      ? 'created'
      : missing === null
        ? 'replaced'
        : sent.length > 0
          ? 'updated'
          : 'unchanged';
  return { mlflowRunId: there.info.run_id, outcome, metrics: sent.length, ...files };
};

/** The experiment of that name, made where there is none. */
export const experimentNamed = async (client: MlflowClient, name: string): Promise<string> => {
  try {
    const { experiment } = (await client.call('experiments/get-by-name', {
      query: { experiment_name: name },
    })) as { experiment: { experiment_id: string; lifecycle_stage?: string } };
    if (experiment.lifecycle_stage !== 'deleted') return experiment.experiment_id;
    throw new MlflowRefusal(
      'INVALID_STATE',
      `its experiment "${name}" is deleted there; restore it, or choose another with --experiment`,
    );
  } catch (error) {
    if (!(error instanceof MlflowRefusal) || error.errorCode !== 'RESOURCE_DOES_NOT_EXIST') throw error;
  }
  const made = await client.call('experiments/create', { body: { name } });
  return String(made['experiment_id']);
};
