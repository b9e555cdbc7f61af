/** What a run can compute on. Apart from `devices.ts`, so that the window can know them without the engine. */
export const deviceNames = ['cpu', 'webgpu', 'cuda', 'directml', 'coreml'] as const;
export type DeviceName = (typeof deviceNames)[number];
