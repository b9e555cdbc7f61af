import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { DeviceName } from '../../../main/engine/runtime/device-names.ts';
import { describeWith } from '../../support/requirements.ts';
import { root } from '../../support/paths.ts';
import { softwareGpuEnvironment } from '../../support/software-gpu.ts';
import { temporaryDirectory } from '../formats/temporary-directory.ts';
import type { DeviceOperators } from './device-operators.ts';
import type { DevicePictures } from './device-pictures.ts';
import type { DeviceSteps } from './device-steps.ts';

const script = (name: string): string => join(import.meta.dirname, name);

const directory = temporaryDirectory();

const run = (name: string, given: readonly (string | number)[], env: NodeJS.ProcessEnv): unknown => {
  const { stdout, stderr, status } = spawnSync(process.execPath, [script(name), ...given.map(String)], {
    env,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout);
};

const train = (device: DeviceName, accumulation: number, env: NodeJS.ProcessEnv, noise = 0): DeviceSteps => {
  const folder = join(directory, `${device}-${accumulation}-${noise}`);
  return run('device-steps.ts', [device, folder, accumulation, noise], env) as DeviceSteps;
};

const trainOnPictures = (
  device: DeviceName,
  fixture: string,
  accumulation: number,
  env: NodeJS.ProcessEnv,
): DevicePictures => {
  const folder = join(directory, `${device}-${fixture}-${accumulation}`);
  mkdirSync(folder);
  return run('device-pictures.ts', [device, folder, fixture, accumulation], env) as DevicePictures;
};

const worst = (reference: readonly number[], other: readonly number[]): number =>
  Math.max(...reference.map((value, at) => Math.abs(value - other[at]!) / Math.abs(value)));

describeWith('webgpu', 'training on WebGPU', ({ path }) => {
  describe.each([1, 2])('%i micro-batches a step', (accumulation) => {
    let cpu: DeviceSteps;
    let webgpu: DeviceSteps;
    beforeAll(() => {
      cpu = train('cpu', accumulation, process.env);
      webgpu = train('webgpu', accumulation, softwareGpuEnvironment(path));
    });

    it('gives the losses and gradient norms of the CPU over 20 steps', () => {
      expect(worst(cpu.losses, webgpu.losses)).toBeLessThan(1e-4);
      expect(worst(cpu.norms, webgpu.norms)).toBeLessThan(1e-3);
      expect(worst([cpu.heldOut], [webgpu.heldOut])).toBeLessThan(1e-4);
      expect(cpu.losses.at(-1)!).toBeLessThan(cpu.losses[0]! - 0.2);
    });

    it('brings the trained numbers back', () => {
      const difference = Math.max(
        ...cpu.parameters.map((value, at) => Math.abs(value - webgpu.parameters[at]!)),
      );
      expect(difference).toBeLessThan(1e-3);
    });

    it('runs every node there, none on the CPU', () => {
      expect(Object.keys(webgpu.providers)).toEqual(['WebGpuExecutionProvider']);
      expect(webgpu.providers['WebGpuExecutionProvider']).toBeGreaterThan(1000);
      expect(Object.keys(cpu.providers)).toEqual(['CPUExecutionProvider']);
    });

    it('moves the batch and a few scalars a step, whatever is trained', () => {
      for (const { to, from, tokens, labels } of webgpu.crossed) {
        // Five indices a token and two a label in 32 bits, the loss's scale and the delta's, the shapes; five scalars for the update.
        const batch = 4 * (5 * tokens + 2 * labels);
        const scale = 8 * accumulation;
        const shapes = to - batch - scale - 20;
        expect(shapes % (8 * accumulation)).toBe(0);
        expect(shapes / accumulation).toBeLessThanOrEqual(300);
        // The loss and the gradient's norm of each micro-batch.
        expect(from).toBe(8 * accumulation);
      }
    });
  });

  it.each([
    ['clip', 1],
    ['clip_captions', 1],
    ['clip_captions', 2],
    ['siglip', 1],
    ['siglip_captions', 2],
  ])('compares pictures with texts as the CPU does: %s, %i micro-batches', (fixture, accumulation) => {
    const cpu = trainOnPictures('cpu', fixture, accumulation, process.env);
    const webgpu = trainOnPictures('webgpu', fixture, accumulation, softwareGpuEnvironment(path));
    expect(worst(cpu.losses, webgpu.losses)).toBeLessThan(1e-4);
    expect(worst(cpu.norms, webgpu.norms)).toBeLessThan(1e-3);
    expect(worst([cpu.heldOut], [webgpu.heldOut])).toBeLessThan(1e-4);
    expect(Object.keys(webgpu.providers)).toEqual(['WebGpuExecutionProvider']);
  });

  it.each(['convolution', 'convolutionByInput', 'convolutionByWeight', 'upsample', 'groupNorm', 'attention'])(
    'computes %s and its gradients as the CPU does',
    (operator) => {
      const cpu = run('device-operators.ts', ['cpu', operator], process.env) as DeviceOperators;
      const webgpu = run(
        'device-operators.ts',
        ['webgpu', operator],
        softwareGpuEnvironment(path),
      ) as DeviceOperators;
      expect(Object.keys(webgpu)).toEqual(Object.keys(cpu));
      for (const [name, numbers] of Object.entries(cpu)) {
        const largest = Math.max(1, ...numbers.map(Math.abs));
        const error = Math.max(...numbers.map((value, at) => Math.abs(value - webgpu[name]![at]!)));
        expect(error / largest, name).toBeLessThan(1e-5);
      }
    },
  );

  it('draws the numbers of dropout and NEFTune that the CPU draws, there too', () => {
    const cpu = train('cpu', 1, process.env, 0.3);
    const webgpu = train('webgpu', 1, softwareGpuEnvironment(path), 0.3);
    expect(worst(cpu.losses, webgpu.losses)).toBeLessThan(1e-4);
    expect(worst(cpu.norms, webgpu.norms)).toBeLessThan(1e-3);
    expect(Object.keys(webgpu.providers)).toEqual(['WebGpuExecutionProvider']);
  });

  it('refuses float16 weights where shaders have no 16-bit floats', () => {
    const nora = join(root, 'main/cli/nora.ts');
    const flags = ['bench', '--json', '--shape', 'tiny', '--device', 'webgpu', '--base', 'fp16'];
    const { stdout, status } = spawnSync(process.execPath, [nora, ...flags], {
      env: softwareGpuEnvironment(path),
      encoding: 'utf8',
    });
    expect(status).not.toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { message: expect.stringContaining('fp16 needs 16-bit floats in shaders (shader-f16)') },
    });
  });
});
