/**
 * `node test/e2e/picture-screenshots.ts MODEL_FOLDER SET_FOLDER`: the pictures of docs/vision-language.md (docs/screenshots/pictures-*.png, 1440 × 900),
 * taken from the real workbench: a CLIP and a set of pictures with a part to test on are imported, trained on and compared in a data directory of their own.
 * For those of the page: out/few-shot/clip-emoji and out/few-shot/sets/mnist. Needs the built renderer (npm run build) and Chromium.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { ComparisonDefinitionInput } from '../../main/api/contract.ts';
import { launchBrowser, openPage } from '../renderer/support/browser.ts';
import { root } from '../support/paths.ts';
import { requirement } from '../support/requirements.ts';
import { startRealWorkbench } from './real-workbench.ts';

const patience = 10 * 60_000;
const [modelFolder, setFolder] = process.argv.slice(2).map((folder) => resolve(folder));
if (modelFolder === undefined || setFolder === undefined)
  throw new Error('expected the folder of a CLIP, and that of a set of pictures');
const chromium = requirement('chromium');
if (!chromium.available) throw new Error(chromium.reason);

const targetModules = ['q_proj', 'k_proj', 'v_proj'];
const arms: ComparisonDefinitionInput['arms'] = [
  { name: 'LoRA', adapter: { method: 'lora', rank: 4, alpha: 4, targetModules } },
  {
    name: 'NoRA',
    adapter: { method: 'nora', outerRank: 64, innerRank: 8, alpha: 8, calibrationBatches: 2, targetModules },
  },
];
const training = {
  steps: 60,
  batchSize: 16,
  learningRate: 6e-3,
  schedule: 'cosine',
  evaluateEvery: 0,
  pictures: { views: 'fixed' },
} as const;

const directory = await mkdtemp(join(tmpdir(), 'nora-screenshots-'));
const workbench = await startRealWorkbench(directory, {
  folders: [dirname(modelFolder), dirname(setFolder)],
});
const browser = await launchBrowser(chromium.path);
try {
  const { page } = await openPage(browser, { colorScheme: 'light' });
  page.setDefaultTimeout(patience);
  const take = async (name: string): Promise<void> => {
    await page.mouse.move(0, 0); // nothing hovered
    await page.waitForTimeout(500);
    await page.screenshot({ path: join(root, `docs/screenshots/pictures-${name}.png`) });
    console.log(`docs/screenshots/pictures-${name}.png`);
  };
  const go = (hash: string): Promise<unknown> => page.goto(`${page.url().split('#')[0]!}#${hash}`);

  const { id: model } = await workbench.call('models.import', { directory: modelFolder });
  await page.goto(workbench.loginUrl);
  await page.getByRole('link', { name: 'Data', exact: true }).first().click();
  await page.getByRole('button', { name: 'Import data' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Import data' });
  await dialog.getByText('A folder of pictures').click();
  await dialog.getByLabel('Folder of pictures').fill(setFolder);
  await dialog.getByRole('img').nth(5).waitFor();
  await take('import');
  await dialog.getByRole('button', { name: 'Import', exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
  const datasets = await workbench.call('datasets.list', {});
  const { id: dataset, name: setName } = datasets.find(({ format }) => format.kind === 'pictures')!;

  const experiment = await workbench.call('experiments.create', {
    definition: {
      version: 1,
      name: `16 shots of ${setName}`,
      model,
      dataset,
      training: { ...training, evaluateEvery: 10, pictures: { ...training.pictures, shots: 16 } },
      configurations: arms,
    },
  });
  await workbench.call('experiments.start', { id: experiment.id });
  await go(`/experiments/${experiment.id}`);
  await page.getByRole('region', { name: 'Result', exact: true }).waitFor();
  await page.evaluate("document.querySelector('main').scrollTo(0, 0)");
  await take('run');

  const { runs } = await workbench.call('experiments.show', { id: experiment.id });
  await go(`/playground?adapter=${runs[0]!.adapterId!}`);
  const { pictures } = await workbench.call('datasets.pictures', { id: dataset, part: 'test', count: 200 });
  await page.getByLabel('What may be on it').waitFor();
  await page.locator('input[type=file]').setInputFiles(join(setFolder, pictures.at(-1)!.name));
  await page.getByRole('group', { name: 'Probabilities of the classes' }).waitFor();
  await page.getByRole('button', { name: 'Draw the map' }).click();
  await page.getByRole('figure', { name: 'Map of LoRA' }).waitFor();
  await take('playground');

  const comparison = await workbench.call('comparisons.create', {
    definition: {
      version: 1,
      name: `${setName} from few pictures`,
      model,
      dataset,
      training,
      arms,
      shots: [1, 4, 16],
      seeds: [1, 2, 3],
      accepted: ['untuned-learning-rate'],
    },
  });
  await workbench.call('comparisons.start', { id: comparison.id });
  await go(`/comparisons/${comparison.id}`);
  await page.getByRole('heading', { name: 'By shots' }).waitFor();
  await page.getByText('Completed', { exact: true }).first().waitFor();
  await page.evaluate("document.querySelector('main').scrollTo(0, 0)");
  await take('comparison');
} finally {
  await browser.close();
  await workbench.stop();
  await rm(directory, { recursive: true, force: true });
}
