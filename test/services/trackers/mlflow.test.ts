import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createMlflowClient } from '../../../main/services/trackers/mlflow/mlflow-client.ts';
import { metricKey } from '../../../main/services/trackers/mlflow/mlflow-forms.ts';
import { experimentNamed, sendRun } from '../../../main/services/trackers/mlflow/send-run.ts';
import { describeWith } from '../../support/requirements.ts';
import { aRun, expectedOutcomes, scenario } from './mlflow-scenario.ts';
import { replaying, withRealMlflow, withServer, type Exchange } from './mlflow-server.ts';

/** What MLflow 3.17.2 was asked and answered; made by record-mlflow.ts. */
const record = JSON.parse(
  readFileSync(join(import.meta.dirname, 'fixtures/mlflow-exchanges.json'), 'utf8'),
) as Exchange[];

it('is sent once, completed later, left as it is, and made again where its numbers are others', async () => {
  const { answer, problems, left } = replaying(record);
  const sent = await withServer(answer, scenario);
  expect(problems).toEqual([]);
  expect(left()).toBe(0);
  expect(sent.map(({ mlflowRunId: _, ...one }) => one)).toEqual(expectedOutcomes);
  const ids = sent.map(({ mlflowRunId }) => mlflowRunId);
  expect(ids.slice(0, 3)).toEqual([ids[0], ids[0], ids[0]]);
  expect(ids[3]).not.toBe(ids[0]);
});

it('keeps to the protocol', () => {
  const bodies = record.filter(({ path }) => path.endsWith('log-batch')).map(({ body }) => body);
  expect(bodies.some((body) => body.includes('"value":"NaN"'))).toBe(true);
  expect(bodies.some((body) => body.includes('"value":"Infinity"'))).toBe(true);
  const puts = record.filter(({ method }) => method === 'PUT').map(({ path }) => path);
  expect(puts[1]).toMatch(
    /^\/api\/2\.0\/mlflow-artifacts\/artifacts\/\d+\/[0-9a-f]{32}\/artifacts\/adapter\/adapter\.json$/,
  );
});

it('sends long runs in portions that MLflow takes', async () => {
  const counts: number[] = [];
  const answers: Readonly<Record<string, object>> = {
    'runs/search': {},
    'runs/create': { run: { info: { run_id: 'r', artifact_uri: 's3://bucket/r' }, data: {} } },
  };
  const sent = await withServer(
    ({ path, body }) => {
      const call = path.replace('/api/2.0/mlflow/', '');
      const { metrics } = JSON.parse(body) as { metrics?: unknown[] };
      if (metrics) counts.push(metrics.length);
      return Promise.resolve({ status: 200, answer: JSON.stringify(answers[call] ?? {}) });
    },
    (uri) => sendRun(createMlflowClient(uri, {}), '1', aRun({}, 700)),
  );
  expect(counts).toEqual([1000, 1000, 100]);
  expect(sent).toMatchObject({
    files: 0,
    notice:
      'the server keeps artefacts at s3://bucket/r and takes none itself (mlflow server --serve-artifacts): 2 files were not sent',
  });
});

describe('what goes wrong', () => {
  const failing = (status: number, answer: string): Promise<string> =>
    withServer(
      () => Promise.resolve({ status, answer }),
      (uri) =>
        experimentNamed(createMlflowClient(uri, {}), 'x').then(
          () => 'nothing',
          (error: unknown) => (error as Error).message.replace(uri, 'URI'),
        ),
    );

  it('is said in one line that names the server', async () => {
    expect(await failing(401, '')).toBe(
      'URI: the server wants other credentials (HTTP 401): set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD',
    );
    expect(await failing(404, '<html>\n not found</html>')).toBe(
      'URI: answers as no MLflow server does (HTTP 404: <html> not found</html>)',
    );
    expect(await failing(200, 'hello')).toBe(
      'URI: answers as no MLflow server does (experiments/get-by-name)',
    );
    expect(await failing(400, '{"error_code":"INVALID_PARAMETER_VALUE","message":"no"}')).toBe('no');
    const deleted = '{"experiment":{"experiment_id":"1","lifecycle_stage":"deleted"}}';
    expect(await failing(200, deleted)).toContain('is deleted there; restore it');
  });

  it('names an address that nothing answers at, or that is none', async () => {
    const client = createMlflowClient('http://127.0.0.1:9', {});
    await expect(experimentNamed(client, 'x')).rejects.toThrow(
      /^http:\/\/127\.0\.0\.1:9: no MLflow server answers there \(.+\)$/,
    );
    expect(() => createMlflowClient('sqlite:///mlflow.db', {})).toThrow(
      '"sqlite:///mlflow.db": expected the address of an MLflow server',
    );
  });

  it.each([
    [{ MLFLOW_TRACKING_TOKEN: 't0ken' }, '', 'Bearer t0ken'],
    [{ MLFLOW_TRACKING_USERNAME: 'ada', MLFLOW_TRACKING_PASSWORD: 'b:c' }, '', 'Basic YWRhOmI6Yw=='],
    [{ MLFLOW_TRACKING_TOKEN: 'other' }, 'ada:b%3Ac@', 'Basic YWRhOmI6Yw=='],
    [{}, '', undefined],
  ])('gives the credentials of %j', async (environment, inAddress, expected) => {
    let seen: string | undefined = 'nothing came';
    await withServer(
      ({ headers }) => {
        seen = headers.authorization;
        return Promise.resolve({ status: 200, answer: '{"experiment":{"experiment_id":"1"}}' });
      },
      (uri) => {
        const client = createMlflowClient(uri.replace('http://', `http://${inAddress}`), environment);
        expect(client.address).toBe(uri);
        return experimentNamed(client, 'x');
      },
    );
    expect(seen).toBe(expected);
  });
});

it('makes no metric the folder of another', () => {
  expect(metricKey('validation/loss')).toBe('validation/loss');
  expect(metricKey('validation/loss/before')).toBe('validation/loss.before');
  expect(metricKey('a:b/c')).toBe('a_b/c');
});

describeWith('mlflow', 'a real MLflow server', ({ path }) => {
  it('has each run once, whatever is sent again', { timeout: 240_000 }, async () => {
    await withRealMlflow(path, 5984, async (uri) => {
      const sent = await scenario(uri);
      expect(sent.map(({ mlflowRunId: _, ...one }) => one)).toEqual(expectedOutcomes);
      const { call } = createMlflowClient(uri, {});
      const { runs } = (await call('runs/search', { body: { experiment_ids: ['1'] } })) as {
        runs: { info: object; data: { params: unknown[] } }[];
      };
      expect(runs).toHaveLength(1);
      expect(runs[0]?.info).toMatchObject({ run_name: 'nora r2', status: 'FINISHED' });
      expect(runs[0]?.data.params).toHaveLength(6);
    });
  });
});
