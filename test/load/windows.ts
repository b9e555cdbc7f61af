import { shownScreens, screenPaths } from '../e2e/screen-list.ts';
import { launchBrowser } from '../renderer/support/browser.ts';
import { requirement } from '../support/requirements.ts';
import type { Load } from './load.ts';
import { highestBytes, inMiB, inMilliseconds, until } from './measure.ts';
import { importTiny, tinyExperiment } from './tiny-experiment.ts';

const sessions = 5;
const rounds = 2;

export const windows: Load = {
  name: 'windows',
  what: `${sessions} windows that go through all screens at the same time, while a run trains`,
  run: async (context) => {
    const chromium = requirement('chromium');
    if (!chromium.available) return [['not measured', chromium.reason]];
    const { workbench } = context;
    await importTiny(context);
    const definition = tinyExperiment('windows', 1, 1_000_000);
    const { id } = await workbench.call('experiments.create', { definition });
    const stepNow = async (): Promise<number> =>
      (await workbench.call('experiments.show', { id })).runs[0]!.step;
    await workbench.call('experiments.start', { id });
    await until(async () => (await stepNow()) > 100);
    const rate = async (work: Promise<unknown>): Promise<number> => {
      const [from, step] = [performance.now(), await stepNow()];
      await work;
      return (1000 * ((await stepNow()) - step)) / (performance.now() - from);
    };
    const alone = await rate(new Promise((resolve) => setTimeout(resolve, 10_000)));

    const screens = shownScreens(
      screenPaths().filter((path) => !path.includes(':id')),
      {},
      {},
    );
    const browser = await launchBrowser(chromium.path);
    const times: number[] = [];
    const failed: string[] = [];
    const visit = async (loginUrl: string): Promise<void> => {
      const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
      page.setDefaultTimeout(60_000);
      page.on('pageerror', ({ message }) => failed.push(message));
      await page.goto(loginUrl);
      await page.getByRole('heading', { level: 1 }).waitFor();
      for (let round = 0; round < rounds; round++)
        for (const { address } of screens) {
          const from = performance.now();
          await page.goto(`${new URL(loginUrl).origin}/#/${address}`);
          await page.locator('main h1').first().waitFor();
          await page.locator('main [aria-busy="true"]').first().waitFor({ state: 'detached' });
          times.push(performance.now() - from);
        }
    };
    // Each asked for anew: an address may sign one browser in only.
    const addresses = Array.from({ length: sessions }, () => workbench.loginUrl);
    const beside = await rate(Promise.all(addresses.map(visit)));
    await browser.close();
    const highest = highestBytes(workbench.pid);
    await workbench.call('queue.pause', { andRunning: true });
    await until(async () => (await workbench.call('queue.show', {})).running.length === 0);
    return [
      [`${times.length} pages`, inMilliseconds(times)],
      ['errors in the windows', failed.length === 0 ? 'none' : failed.join('; ')],
      ['steps a second, alone and beside them', `${alone.toFixed(0)}, ${beside.toFixed(0)}`],
      ['memory of the server at most', inMiB(highest)],
    ];
  },
};
