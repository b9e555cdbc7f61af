/**
 * `node test/shell/bundle-driver.ts`: starts the built desktop app (out/main/index.js) on the stand-in for Electron, lets it train
 * as its window would, and prints what came of it as JSON.
 */
import { registerHooks } from 'node:module';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import type { Envelope, Experiment, Model } from '../../main/api/contract.ts';
import { smallExperiment } from './small-experiment.ts';

const standIn = pathToFileURL(join(import.meta.dirname, 'electron-stand-in.ts')).href;
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' ? { url: standIn, shortCircuit: true } : next(specifier, context),
});
const { app, handlers, serve } = await import('./electron-stand-in.ts');

const call = async <T>(method: string, params: object): Promise<T> => {
  const event = { senderFrame: { origin: 'app://workbench', parent: null } };
  const envelope = (await handlers.get('nora:call')?.(event, { method, params })) as Envelope<T>;
  if (!envelope.ok) throw new Error(envelope.error.message);
  return envelope.result;
};

await import(pathToFileURL(join(import.meta.dirname, '../../out/main/index.js')).href);
await setImmediate();

const page = await serve(new Request('app://workbench/'));
const models = await call<Model[]>('models.list', {});
let experiment = await call<Experiment>('experiments.create', { definition: smallExperiment });
const { id } = experiment;
experiment = await call('experiments.start', { id });
while (experiment.runs.some(({ status }) => status === 'queued' || status === 'running')) {
  await setTimeout(100);
  experiment = await call('experiments.show', { id });
}
const runs = experiment.runs.map(({ status, error, step }) => ({ status, error, step }));
console.log(JSON.stringify({ page: page?.status, models: models.map(({ name }) => name), runs }));
app.quit();
