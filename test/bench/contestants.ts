import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../support/paths.ts';

/** What both sides report, by the same names. */
export interface Measurement {
  readonly loadSeconds: number;
  readonly initialisationSeconds: number;
  readonly firstStepSeconds: number;
  readonly medianStepSeconds: number;
  readonly minimumStepSeconds: number;
  readonly tokensPerSecond: number;
  readonly peakMemoryMB: number;
  readonly peakDeviceMemoryMB?: number;
  readonly trainedParameters: number;
  readonly firstLoss: number;
  readonly lastLoss: number;
}

/** Flags without their dashes; absent ones are left to whoever is asked. */
export type Flags = Readonly<Record<string, string | undefined>>;

const python = process.env['NORA_PYTHON'] ?? 'python3';
const peerScript = join(import.meta.dirname, 'peer-peft.py');
const run = promisify(execFile);

const words = (flags: Flags): string[] =>
  Object.entries(flags).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]));

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';

/** What `nora … --json` says on stdout when it refuses. */
const refusal = (stdout: string): string | null => {
  if (!stdout.startsWith('{')) return null;
  return (JSON.parse(stdout) as { error?: { message: string } }).error?.message ?? null;
};

const measure = async (program: string, given: readonly string[]): Promise<Measurement> => {
  try {
    const { stdout } = await run(program, given, { maxBuffer: 2 ** 26 });
    return JSON.parse(stdout) as Measurement;
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string };
    const said = refusal(stdout) ?? (lastLine(stderr) || message);
    throw new Error(`${program} ${given.join(' ')}: ${said}`, { cause: error });
  }
};

export const measureOurs = (flags: Flags): Promise<Measurement> =>
  measure(process.execPath, [join(root, 'main/cli/nora.ts'), 'bench', '--json', ...words(flags)]);

export const measurePeer = (flags: Flags): Promise<Measurement> =>
  measure(python, [peerScript, ...words(flags)]);

/** Why the peer cannot run here; null where it can. */
export const peerProblem = async (device: string): Promise<string | null> => {
  const cuda = device === 'cuda' ? '; assert torch.cuda.is_available(), "torch finds no CUDA device"' : '';
  try {
    await run(python, ['-c', `import torch, transformers, peft${cuda}`]);
    return null;
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    return `${python} cannot run the peer (${lastLine(stderr ?? '') || message}). It needs torch, transformers and peft; NORA_PYTHON names another Python.`;
  }
};
