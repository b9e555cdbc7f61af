import { readFile, realpath } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';

const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

export interface RendererFile {
  readonly body: Buffer<ArrayBuffer>;
  readonly contentType: string;
}

/**
 * The file under `directory` that a URL's path names, or null: also for a folder, a hidden file, a file of a kind that the
 * renderer has none of, and whatever a trick (`..`, its encodings, a link) makes of the path.
 */
export const readRendererFile = async (directory: string, urlPath: string): Promise<RendererFile | null> => {
  const name = decode(urlPath === '/' ? '/index.html' : urlPath);
  if (name === null || /[\\:\0]/.test(name)) return null;
  const [beforeFirstSlash, ...segments] = name.split('/');
  if (beforeFirstSlash !== '' || segments.some((segment) => segment === '' || segment.startsWith('.')))
    return null;
  const contentType = contentTypes[extname(name).toLowerCase()];
  if (contentType === undefined) return null;
  try {
    const [root, target] = await Promise.all([realpath(directory), realpath(join(directory, ...segments))]);
    return target.startsWith(root + sep) ? { body: await readFile(target), contentType } : null;
  } catch {
    return null; // absent, a folder, or not readable: all the same to whoever asks
  }
};

const decode = (urlPath: string): string | null => {
  try {
    return decodeURIComponent(urlPath);
  } catch {
    return null;
  }
};
