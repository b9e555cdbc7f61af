/** `node main/shell/icons/render.ts`: draws icon.png (1024 x 1024, what electron-builder makes .icns and .ico from) from icon.svg. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const size = 1024;
const executablePath = process.env['NORA_CHROMIUM'] ?? '/usr/bin/chromium';
const image = readFileSync(join(import.meta.dirname, 'icon.svg'), 'utf8');

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
const page = await browser.newPage({ viewport: { width: size, height: size } });
await page.setContent(`<style>body { margin: 0 } svg { display: block }</style>${image}`);
await page.screenshot({ path: join(import.meta.dirname, 'icon.png'), omitBackground: true });
await browser.close();
