import type { ApiError, MethodName, MethodParams, MethodResult } from '../../../main/api/contract.ts';
import type { Transport } from './transport.ts';

/** What the workbench answered instead of a result. Its message is meant for people. */
export class CallError extends Error {
  readonly code: ApiError['code'];

  constructor({ code, message }: ApiError) {
    super(message);
    this.code = code;
  }
}

export interface Client {
  /** Throws CallError. */
  call<M extends MethodName>(method: M, params: MethodParams<M>): Promise<MethodResult<M>>;
}

/** The contract's methods, typed, over any transport. */
export const createClient = (transport: Transport): Client => ({
  async call<M extends MethodName>(method: M, params: MethodParams<M>) {
    const envelope = await transport.call(method, params);
    if (!envelope.ok) throw new CallError(envelope.error);
    return envelope.result as MethodResult<M>;
  },
});

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
