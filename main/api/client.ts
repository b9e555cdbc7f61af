import { WorkbenchError } from '../engine/errors.ts';
import type { MethodName, MethodParams, MethodResult } from './contract.ts';
import type { Router } from './router.ts';

/** A call by its name in the contract, typed by it. Rejects with WorkbenchError. */
export type Call = <M extends MethodName>(method: M, params: MethodParams<M>) => Promise<MethodResult<M>>;

/** The contract within one process. */
export const createCall =
  (router: Pick<Router, 'call'>): Call =>
  async <M extends MethodName>(method: M, params: MethodParams<M>): Promise<MethodResult<M>> => {
    const envelope = await router.call(method, params);
    if (!envelope.ok) throw new WorkbenchError(envelope.error.code, envelope.error.message);
    return envelope.result as MethodResult<M>;
  };
