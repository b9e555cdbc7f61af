import { WorkbenchError } from '../../errors.ts';
import { devices } from '../../runtime/devices.ts';
import { createArmInMemory } from './arm-in-memory.ts';
import { createArmOnDevice } from './arm-on-device.ts';
import type { Arm, ArmOptions } from './arm.ts';

/** The state lives on the device where it can stay there, in main memory elsewhere. */
export const createArm = async (options: ArmOptions): Promise<Arm> => {
  const { trained, device } = options;
  if (!devices[device].resident) return createArmInMemory(options);
  if ((trained.adapter?.description.rules.length ?? 0) > 0)
    throw new WorkbenchError(
      'unsupported',
      `device: ${devices[device].label} does not run methods that change gradients around the optimizer (AdaLoRA, LoRA-FA); use the CPU`,
    );
  return createArmOnDevice(options);
};
