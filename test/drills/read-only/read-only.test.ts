import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { methods } from '../../../main/api/contract.ts';
import type { Envelope } from '../../../main/api/contract.ts';
import { restoreLibrary } from '../../../main/services/backups/restore.ts';
import { isViewing, viewingText } from '../../../main/services/shared/viewing.ts';
import { openStore } from '../../../main/store/store.ts';
import { root } from '../../support/paths.ts';
import { describeWith } from '../../support/requirements.ts';
import { liveToTheEnd } from '../kill/kills.ts';
import { makeSmallRun, type SmallRun } from '../kill/small-run.ts';
import { askAll, type Question } from './ask.ts';
import { startReadOnly } from './read-only-folder.ts';

describeWith('mounts', 'a data directory that can only be read', () => {
  let directory: string;
  let temporary: string;
  let run: SmallRun;
  beforeAll(async () => {
    directory = realpathSync(mkdtempSync(join(tmpdir(), 'nora-read-only-')));
    temporary = mkdtempSync(join(directory, 'tmp-'));
    run = await makeSmallRun(directory);
    await liveToTheEnd(run);
  }, 120_000);
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const askReadOnly = async (dataDirectory: string, questions: readonly Question[]) => {
    const words = [join(import.meta.dirname, 'ask.ts'), dataDirectory, JSON.stringify(questions)];
    const answers = await text(startReadOnly(dataDirectory, words, { TMPDIR: temporary }).stdout!);
    return JSON.parse(answers) as Envelope<unknown>[];
  };
  const refusal = (dataDirectory: string) => ({
    ok: false,
    error: { code: 'invalid-input', message: viewingText(dataDirectory) },
  });
  const copy = (name: string): string => {
    cpSync(run.dataDirectory, join(directory, name), { recursive: true });
    return join(directory, name);
  };
  const filesOf = (folder: string): Record<string, string> =>
    Object.fromEntries(
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => join(parentPath, name))
        .map((path) => [path, createHash('sha256').update(readFileSync(path)).digest('hex')]),
    );

  it('is looked at as if it were another', { timeout: 120_000 }, async () => {
    const { runId, dataDirectory } = run;
    const id = { id: runId };
    const [shown, models] = await askAll(dataDirectory, [
      ['runs.show', id],
      ['models.list', {}],
    ]);
    const { experimentId } = (shown as { result: { experimentId: string } }).result;
    const model = (models as { result: { id: string; name: string }[] }).result.find(
      ({ name }) => name === 'tiny',
    )!;
    const questions: Question[] = [
      ['runs.show', id],
      ['runs.metrics', id],
      ['runs.log', id],
      ['runs.samples', { ids: [runId], prompt: 0 }],
      ['runs.list', {}],
      ['runs.columns', {}],
      ['metrics.series', { ids: [runId], names: ['train/loss'] }],
      ['experiments.list', {}],
      ['experiments.show', { id: experimentId }],
      ['experiments.compare', { id: experimentId }],
      ['models.list', {}],
      ['models.show', { id: model.id }],
      ['models.spectra', { id: model.id }],
      ['models.chatTemplate', { id: model.id }],
      ['datasets.list', {}],
      ['datasets.preview', { id: 'sea', modelId: model.id, sequenceLength: 24 }],
      ['adapters.list', {}],
      ['exports.list', {}],
      ['comparisons.list', {}],
      ['queue.show', {}],
      ['views.list', {}],
      ['templates.list', {}],
      ['generation.tallies', { modelId: model.id }],
    ];
    const expected = await askAll(dataDirectory, questions);
    const before = filesOf(dataDirectory);
    const answers = await askReadOnly(dataDirectory, questions);
    for (const [index, answer] of answers.entries())
      expect([questions[index]![0], answer]).toEqual([questions[index]![0], expected[index]]);
    expect(filesOf(dataDirectory)).toEqual(before);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('refuses every other call with one sentence, before it looks at anything', async () => {
    const names = Object.keys(methods) as (keyof typeof methods)[];
    const changing = names.filter((name) => !isViewing(name));
    expect(changing.length).toBeGreaterThan(50);
    const questions = changing.map((name): Question => [name, {}]);
    const answers = await askReadOnly(run.dataDirectory, questions);
    expect(answers).toEqual(questions.map(() => refusal(run.dataDirectory)));
  });

  it('shows what a workbench that was killed had written last, too', async () => {
    const killed = copy('killed');
    const database = new Sqlite(join(run.dataDirectory, 'workbench.sqlite'));
    database.prepare("UPDATE experiments SET name = 'written last'").run();
    for (const suffix of ['', '-wal'])
      cpSync(join(run.dataDirectory, `workbench.sqlite${suffix}`), join(killed, `workbench.sqlite${suffix}`));
    database.close();
    const [listed] = await askReadOnly(killed, [['experiments.list', {}]]);
    expect(listed).toMatchObject({ result: { items: [{ name: 'written last' }] } });
  });

  /** A command of `nora`, where the data directory can only be read. */
  const noraReadOnly = async (dataDirectory: string, ...words: string[]) => {
    const nora = join(root, 'main/cli/nora.ts');
    const process = startReadOnly(dataDirectory, [nora, ...words, '--data-dir', dataDirectory, '--json'], {
      TMPDIR: temporary,
    });
    const [answer] = await Promise.all([text(process.stdout!), once(process, 'exit')]);
    return { code: process.exitCode, document: JSON.parse(answer) as Record<string, unknown> };
  };

  it('is checked and backed up', { timeout: 120_000 }, async () => {
    const closed = copy('closed');
    const opened = copy('opened');
    const before = filesOf(closed);
    const store = openStore(opened);
    for (const dataDirectory of [closed, opened]) {
      expect(await noraReadOnly(dataDirectory, 'doctor', '--check')).toMatchObject({
        code: 0,
        document: { status: 'checked', findings: [] },
      });
      const file = join(directory, `${basename(dataDirectory)}.tar`);
      expect(await noraReadOnly(dataDirectory, 'backup', file)).toMatchObject({
        code: 0,
        document: { path: file, damaged: [] },
      });
      const work = { signal: new AbortController().signal, onProgress: () => undefined };
      await restoreLibrary(file, join(directory, `${basename(dataDirectory)}-restored`), work);
      const [there] = await askAll(join(directory, `${basename(dataDirectory)}-restored`), [
        ['runs.show', { id: run.runId }],
      ]);
      expect(there).toMatchObject({ ok: true, result: { status: 'completed' } });
    }
    store.close();
    expect(filesOf(closed)).toEqual(before);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('follows what is written to it elsewhere', async () => {
    const shared = copy('shared');
    const store = openStore(shared);
    store.queue.pause('2026-01-02T03:04:05.000Z', false);
    const [queue] = await askReadOnly(shared, [['queue.show', {}]]);
    store.close();
    expect(queue).toMatchObject({ result: { pausedAt: '2026-01-02T03:04:05.000Z' } });
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('serves it with a token of its own, and writes none', { timeout: 60_000 }, async () => {
    const served = copy('served');
    const words = [
      ...[join(root, 'main/cli/nora.ts'), 'serve', '--port', '0', '--json'],
      ...['--data-dir', served],
    ];
    const server = startReadOnly(served, words, { TMPDIR: temporary });
    const [said] = (await once(server.stdout!, 'data')) as [Buffer];
    const { url, token } = JSON.parse(said.toString());
    const call = async (method: string, params: unknown): Promise<unknown> => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const body = JSON.stringify({ method, params });
      return (await fetch(`${url}api/call`, { method: 'POST', headers, body })).json();
    };
    expect(await call('machine.show', {})).toMatchObject({ result: { viewing: viewingText(served) } });
    expect(await call('runs.start', { id: run.runId })).toEqual(refusal(served));
    server.kill('SIGTERM');
    expect((await once(server, 'exit'))[0]).toBe(0);
    expect(readdirSync(served)).toEqual(readdirSync(run.dataDirectory));
    expect(readdirSync(temporary)).toEqual([]);
  });
});
