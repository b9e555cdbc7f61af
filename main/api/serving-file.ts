import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { WorkbenchError } from '../engine/errors.ts';
import { writeFileWhole } from '../engine/formats/atomic-file.ts';
import { privateNames } from '../services/folders/private-names.ts';

const servingSchema = z.strictObject({
  url: z.url(),
  pid: z.int().positive(),
  /** What codes for this server are made with, while it runs. */
  loginKey: z.string().min(16),
});

/** The server that was started last on a data directory: its owner makes addresses that sign in from it. */
export type Serving = z.output<typeof servingSchema>;

const ownerOnly = 0o600;

export const tellServing = (dataDirectory: string, serving: Serving): void =>
  writeFileWhole(join(dataDirectory, privateNames.serving), `${JSON.stringify(serving)}\n`, {
    mode: ownerOnly,
  });

/** @throws WorkbenchError `not-found` where no server runs */
export const findServing = (dataDirectory: string): Serving => {
  const serving = read(dataDirectory);
  if (serving !== null && isAlive(serving.pid)) return serving;
  throw new WorkbenchError('not-found', `no nora serve runs on ${dataDirectory}: start one`);
};

/** Of a server that ends; another's stays. */
export const forgetServing = (dataDirectory: string, { loginKey }: Pick<Serving, 'loginKey'>): void => {
  if (read(dataDirectory)?.loginKey === loginKey)
    rmSync(join(dataDirectory, privateNames.serving), { force: true });
};

const read = (dataDirectory: string): Serving | null => {
  try {
    const text = readFileSync(join(dataDirectory, privateNames.serving), 'utf8');
    return servingSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null; // none, or none that can be understood
  }
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};
