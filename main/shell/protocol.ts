import { readFile, realpath } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { securityHeaders } from '../api/content-security-policy.ts';
import type { ElectronApi } from './electron-api.ts';

export const scheme = 'app';
export const appOrigin = `${scheme}://workbench`;
export const appUrl = `${appOrigin}/index.html`;

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

/** Must run before the app is ready. */
export const registerScheme = (
  protocol: Pick<ElectronApi['protocol'], 'registerSchemesAsPrivileged'>,
): void =>
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);

/** Answers app://workbench/* with the files of `directory` and of nowhere else. */
export const createProtocolHandler =
  (directory: string): ((request: Request) => Promise<Response>) =>
  async (request) => {
    if (request.method !== 'GET') return refusal(405, 'only GET');
    const path = filePath(directory, request.url);
    if (path === null) return refusal(404, 'not found');
    try {
      const body = await readConfined(directory, path);
      const type = contentTypes[extname(path)] ?? 'application/octet-stream';
      return new Response(new Uint8Array(body), { headers: { ...securityHeaders, 'content-type': type } });
    } catch {
      return refusal(404, 'not found');
    }
  };

/** The file that a URL names, or null where it names nothing under `directory`. */
const filePath = (directory: string, address: string): string | null => {
  const url = new URL(address);
  if (`${url.protocol}//${url.host}` !== appOrigin) return null;
  const name = decode(url.pathname);
  if (name === null || /[\\:\0]/.test(name) || name.split('/').includes('..')) return null;
  return join(directory, name === '/' ? 'index.html' : name);
};

const decode = (pathname: string): string | null => {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return null;
  }
};

/** A link inside the folder must not lead out of it. */
const readConfined = async (directory: string, path: string): Promise<Buffer> => {
  const [root, target] = await Promise.all([realpath(directory), realpath(path)]);
  if (!target.startsWith(root + sep)) throw new Error(`${path} is outside ${root}`);
  return readFile(target);
};

const refusal = (status: number, message: string): Response =>
  new Response(message, {
    status,
    headers: { ...securityHeaders, 'content-type': 'text/plain; charset=utf-8' },
  });
