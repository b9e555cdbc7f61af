import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { createDevices } from '../../main/services/devices/devices.ts';
import { spawnChildTrainer } from '../../main/trainer/process/spawn-child.ts';
import { describeWith } from '../support/requirements.ts';
import { root } from '../support/paths.ts';
import { softwareGpuEnvironment } from '../support/software-gpu.ts';
import { definition, createWorld } from './test-world.ts';
import { scriptedTrainers } from './scripted-trainer.ts';

const realTrainer = spawnChildTrainer(join(root, 'main/trainer/entry.ts'));

describe('devices', () => {
  it('outlives a probe that crashes and one that hangs, and says which', async () => {
    const spawn = spawnChildTrainer(join(root, 'test/trainer/scripted-entry.ts'));
    const devices = createDevices(spawn, { platform: 'linux', probeMilliseconds: 3000 });
    const [cpu, webgpu, cuda, directml] = await devices.list();
    expect(cpu).toMatchObject({ name: 'cpu', usable: true });
    expect(webgpu).toMatchObject({ usable: false, detail: expect.stringContaining('signal SIGSEGV') });
    expect(webgpu?.hint).toContain('libvulkan1');
    expect(cuda).toMatchObject({
      usable: false,
      detail: 'did not finish a training step within 3 s',
      hint: expect.stringContaining('ONNXRUNTIME_NODE_INSTALL=cuda12'),
    });
    expect(directml).toMatchObject({ usable: false, detail: 'only on Windows; this is Linux', hint: null });
    expect(() => devices.refuseUnusable('webgpu')).toThrow(/^training\.device: WebGPU cannot be used here/);
    expect(() => devices.refuseUnusable('cpu')).not.toThrow();
  });

  it('tries each device once a session, and again when asked', async () => {
    const { spawn, started } = scriptedTrainers();
    const devices = createDevices(spawn, { platform: 'win32' });
    const answer = async (from: number): Promise<void> => {
      for (const [at, usable] of [true, false, true].entries()) {
        await vi.waitFor(() => expect(started[from + at]?.commands).toHaveLength(1));
        started[from + at]?.end(
          usable
            ? { type: 'probed', seconds: 1 }
            : { type: 'failed', code: 'unsupported', message: 'WebGPU: no adapter' },
        );
      }
    };
    const [first] = await Promise.all([devices.list(), answer(0)]);
    expect(first.map(({ name, usable }) => [name, usable])).toEqual([
      ['cpu', true],
      ['webgpu', false],
      ['cuda', false],
      ['directml', true],
      ['coreml', false],
    ]);
    expect(first[1]?.detail).toBe('no adapter');
    expect(await devices.list()).toEqual(first);
    expect(started).toHaveLength(3);
    await Promise.all([devices.probe(), answer(3)]);
    expect(started).toHaveLength(6);
  });

  it('refuses an experiment on a device that this system cannot have, before anything is stored', async () => {
    const world = createWorld();
    const workbench = world.open();
    await world.stock(workbench);
    const device = process.platform === 'win32' ? 'coreml' : 'directml';
    const base = definition();
    await expect(
      workbench.experiments.create({
        definition: { ...base, training: { ...base.training, device } },
      }),
    ).rejects.toThrow(/^training\.device: .* cannot be used here: only on/);
    expect(workbench.experiments.list().items).toEqual([]);
    await workbench.close();
    world.remove();
  });
});

describeWith('webgpu', 'devices with a software GPU', ({ path }) => {
  it('finds that CPU and WebGPU train', async () => {
    vi.stubEnv('VK_ICD_FILENAMES', path);
    vi.stubEnv('LD_LIBRARY_PATH', softwareGpuEnvironment(path)['LD_LIBRARY_PATH']);
    const [cpu, webgpu, cuda] = await createDevices(realTrainer).list();
    vi.unstubAllEnvs();
    expect(cpu).toMatchObject({ usable: true });
    expect(webgpu).toMatchObject({ usable: true, detail: expect.stringContaining('as on the CPU') });
    expect(cuda?.name).toBe('cuda');
  });
});
