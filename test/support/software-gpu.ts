import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

const drivers = [process.env['NORA_SWIFTSHADER'], '/usr/lib/chromium/vk_swiftshader_icd.json'].filter(
  (path) => path !== undefined,
);

/** SwiftShader's Vulkan driver file, which Debian's chromium package ships; undefined where there is none. */
export const softwareGpu = (): string | undefined =>
  process.platform === 'linux' ? drivers.find(existsSync) : undefined;

/**
 * The environment of a process in which WebGPU finds the software adapter. It has to be a process of its own: the loader
 * (libvulkan.so.1, beside the driver) is searched in a path that is read once, at its start.
 */
export const softwareGpuEnvironment = (driver: string): NodeJS.ProcessEnv => {
  const known = process.env['LD_LIBRARY_PATH'];
  const folder = dirname(driver);
  return {
    ...process.env,
    VK_ICD_FILENAMES: driver,
    ...(existsSync(join(folder, 'libvulkan.so.1'))
      ? { LD_LIBRARY_PATH: known ? `${folder}:${known}` : folder }
      : {}),
  };
};
