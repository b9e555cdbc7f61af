import { adalora } from './adalora.ts';
import { corda } from './corda.ts';
import { dora } from './dora.ts';
import { eva } from './eva.ts';
import { full } from './full.ts';
import { lora } from './lora.ts';
import { lorafa } from './lorafa.ts';
import { loraplus } from './loraplus.ts';
import { loraxs } from './loraxs.ts';
import { mica } from './mica.ts';
import { milora } from './milora.ts';
import { nora } from './nora.ts';
import { olora } from './olora.ts';
import { pissa } from './pissa.ts';
import { rslora } from './rslora.ts';
import { vera } from './vera.ts';

/** Every method, in the order in which they are shown. A new one is one file and one line here. */
export const methods = {
  lora,
  nora,
  full,
  rslora,
  loraplus,
  lorafa,
  dora,
  pissa,
  olora,
  milora,
  mica,
  loraxs,
  vera,
  adalora,
  corda,
  eva,
};
