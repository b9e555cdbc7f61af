import { expect, it } from 'vitest';
import { lookOf } from '../../renderer/source/format/run-look.ts';
import { describeWith } from '../support/requirements.ts';
import { startExperiment, useWindow } from './support/use-window.ts';

const places = (count: number): number[] => Array.from({ length: count }, (_, place) => place);
const textOf = (place: number, isForced: boolean): string => JSON.stringify(lookOf(place, isForced));

it('tells 64 runs apart, by colour first and then by dashes', () => {
  const looks = places(64).map((place) => lookOf(place, false));
  expect(looks.slice(0, 8).every(({ dash }) => dash.length === 0)).toBe(true);
  expect(new Set(looks.slice(0, 8).map(({ colour }) => colour)).size).toBe(8);
  expect(looks[8]?.colour).toBe(looks[0]?.colour);
  expect(new Set(places(64).map((place) => textOf(place, false))).size).toBe(64);
});

it('tells 32 runs apart in the system’s colours, by dashes first', () => {
  expect(new Set(places(8).map((place) => lookOf(place, true).colour))).toEqual(new Set(['CanvasText']));
  expect(new Set(places(32).map((place) => textOf(place, true))).size).toBe(32);
});

describeWith('chromium', 'forced colours', ({ path }) => {
  const window = useWindow(path, { context: { forcedColors: 'active' } });
  const styleOf = (selector: string, property: string): Promise<string[]> =>
    window.page.evaluate(
      `[...document.querySelectorAll('${selector}')].map((one) => getComputedStyle(one).${property})`,
    );
  const systemColour = (name: string): Promise<string> =>
    window.page.evaluate(`(() => {
      const probe = document.body.appendChild(document.createElement('span'));
      probe.style.color = '${name}';
      const { color } = getComputedStyle(probe);
      probe.remove();
      return color;
    })()`);

  it('leave swatches that differ and switches that show what they are', async () => {
    const { page } = window;
    await startExperiment(page, 5);
    await page.getByRole('list', { name: 'Runs' }).waitFor();
    const swatch = 'ul[aria-label="Runs"] .swatch path';
    expect(new Set(await styleOf(swatch, 'stroke'))).toEqual(new Set([await systemColour('CanvasText')]));
    expect(new Set(await styleOf(swatch, 'strokeDasharray')).size).toBe(2);
    const on = '.switch[data-state="checked"]';
    expect((await styleOf(on, 'backgroundColor'))[0]).toBe(await systemColour('Highlight'));
  });
});
