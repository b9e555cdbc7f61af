import type { Page } from 'playwright-core';

/** WCAG 2.2 contrast ratio of two colour tokens as they are shown now, as in `text on background`. */
export const contrast = async (page: Page, pair: string): Promise<number> => {
  const [front, back] = await Promise.all(pair.split(' on ').map((token) => shown(page, token)));
  const [lighter, darker] = [luminance(front!), luminance(back!)].sort((a, b) => b - a);
  return (lighter! + 0.05) / (darker! + 0.05);
};

const shown = async (page: Page, token: string): Promise<number[]> => {
  const colour: string = await page.evaluate(`(() => {
    const probe = document.createElement('span');
    probe.style.color = 'var(--${token})';
    document.body.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  })()`);
  return colour.match(/\d+/g)!.map(Number);
};

/** Relative luminance: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
const luminance = (channels: number[]): number => {
  const [red, green, blue] = channels.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
};
