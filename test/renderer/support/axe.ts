import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { root } from '../../support/paths.ts';

const source = readFileSync(join(root, 'node_modules/axe-core/axe.min.js'), 'utf8');

interface Finding {
  id: string;
  nodes: { html: string; failureSummary: string }[];
}

/** All that axe finds on the page, of any weight: `rule: what is wrong | where`, with the first place of each kind alone. */
export const axeFindings = async (page: Page): Promise<string[]> => {
  await page.evaluate(source);
  const findings: Finding[] = await page.evaluate('axe.run(document).then(({ violations }) => violations)');
  return findings.flatMap(({ id, nodes }) => {
    const kinds = new Map<string, string>();
    for (const { html, failureSummary } of nodes) {
      const summary = failureSummary.replaceAll(/\s+/g, ' ').slice(0, 200);
      if (!kinds.has(summary)) kinds.set(summary, html.slice(0, 160));
    }
    return [...kinds].map(([summary, html]) => `${id}: ${summary} | ${html}`);
  });
};
