import { join } from 'node:path';
import { createEventBus } from '../../../main/services/shared/event-bus.ts';
import type { Envelope } from '../../../main/api/contract.ts';
import { startServer } from '../../../main/api/http-transport.ts';
import { createRouter } from '../../../main/api/router.ts';
import type { Router } from '../../../main/api/router.ts';
import { root } from '../../support/paths.ts';
import { createFakeWorkbench } from './fake-workbench.ts';
import type { FakeOptions } from './fake-workbench.ts';

export interface FakeServer {
  /** Another at each look: an address signs in once. */
  readonly loginUrl: string;
  router: Router;
  /** Methods that fail, with what they say. */
  failures: Map<string, string>;
  /** The step at which runs wait while it is set: for what a busy machine would otherwise see too late. */
  hold: { atStep: number | null };
  /** Comes back on the same port after `close`, as after a restart; with the same token where no other is given. Returns the new address. */
  restart(token?: string): Promise<string>;
  close(): Promise<void>;
}

/** The real server, router and content security policy, before a workbench that is made up. */
export const startFakeServer = async (
  options: Omit<FakeOptions, 'emit' | 'hold'> = {},
): Promise<FakeServer> => {
  const hub = createEventBus(console.error);
  const hold: FakeServer['hold'] = { atStep: null };
  const workbench = createFakeWorkbench({ ...options, hold, emit: hub.emit });
  const failures = new Map<string, string>();
  const inner = createRouter(workbench, { subscribe: hub.subscribe, checkResults: true });
  const router: Router = {
    ...inner,
    call: async (method, params): Promise<Envelope<unknown>> => {
      const message = failures.get(String(method));
      return message === undefined
        ? inner.call(method, params)
        : { ok: false, error: { code: 'invalid-input', message } };
    },
  };
  const serve = (port: number, token?: string) =>
    startServer({ router, rendererDirectory: join(root, 'out/renderer'), port, token });
  let server = await serve(0);
  return {
    get loginUrl() {
      return server.makeLoginUrl();
    },
    router,
    failures,
    hold,
    restart: async (token = server.token) => {
      server = await serve(server.port, token);
      return server.makeLoginUrl();
    },
    close: () => server.close(),
  };
};
