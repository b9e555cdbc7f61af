import { WorkbenchError } from '../../../engine/errors.ts';

/** How long one request may take. */
const longestMilliseconds = 30_000;

export interface MlflowClient {
  /** Without a slash at its end, and without credentials. */
  readonly address: string;
  /** A call of the REST interface: `experiments/create`. A body makes it a POST, a query a GET. */
  readonly call: (path: string, request: MlflowRequest) => Promise<Record<string, unknown>>;
  /** Puts a file among the server's artefacts. */
  readonly put: (path: string, contents: string) => Promise<void>;
}

export type MlflowRequest = { readonly body: object } | { readonly query: Readonly<Record<string, string>> };

/** What the server says of itself, by MLflow's names of errors. */
export class MlflowRefusal extends Error {
  readonly errorCode: string;

  constructor(errorCode: string, message: string) {
    super(message);
    this.errorCode = errorCode;
  }
}

export type MlflowEnvironment = Readonly<Record<string, string | undefined>>;

/** As MLflow's own client takes them: a token goes before a name and password, and those of the address before the environment's. */
const authorisation = (url: URL, environment: MlflowEnvironment): Record<string, string> => {
  const basic = (name: string, password: string): Record<string, string> => ({
    authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
  });
  if (url.username !== '') return basic(decodeURIComponent(url.username), decodeURIComponent(url.password));
  const token = environment['MLFLOW_TRACKING_TOKEN'];
  if (token) return { authorization: `Bearer ${token}` };
  const name = environment['MLFLOW_TRACKING_USERNAME'];
  return name ? basic(name, environment['MLFLOW_TRACKING_PASSWORD'] ?? '') : {};
};

const parseAddress = (uri: string): URL => {
  const url = URL.parse(uri);
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
  throw new WorkbenchError(
    'unsupported',
    `"${uri}": expected the address of an MLflow server, such as http://localhost:5000; folders and databases are written by MLflow alone`,
  );
};

/** MLflow's REST interface, version 2.0. Errors name the address and never hold credentials. */
export const createMlflowClient = (uri: string, environment: MlflowEnvironment): MlflowClient => {
  const url = parseAddress(uri);
  const headers = authorisation(url, environment);
  const address = `${url.origin}${url.pathname.replace(/\/+$/, '')}`;

  const send = async (target: string, options: RequestInit): Promise<Response> => {
    const signal = AbortSignal.timeout(longestMilliseconds);
    try {
      return await fetch(target, { ...options, headers: { ...headers, ...options.headers }, signal });
    } catch (error) {
      throw new WorkbenchError(
        'not-found',
        `${address}: no MLflow server answers there (${reasonOf(error)})`,
      );
    }
  };
  const refused = async (response: Response): Promise<Error> => {
    if (response.status === 401 || response.status === 403)
      return new WorkbenchError(
        'conflict',
        `${address}: the server wants other credentials (HTTP ${response.status}): set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD`,
      );
    const text = await response.text();
    const told = parseRefusal(text);
    if (told) return new MlflowRefusal(told.code, told.message);
    const start = text.replaceAll(/\s+/g, ' ').trim().slice(0, 100);
    return new WorkbenchError(
      'unsupported',
      `${address}: answers as no MLflow server does (HTTP ${response.status}${start === '' ? '' : `: ${start}`})`,
    );
  };

  return {
    address,
    call: async (path, request) => {
      const target = `${address}/api/2.0/mlflow/${path}`;
      const response =
        'body' in request
          ? await send(target, {
              method: 'POST',
              headers: { 'content-type': 'application/json' },
              body: JSON.stringify(request.body),
            })
          : await send(`${target}?${new URLSearchParams(request.query).toString()}`, {});
      if (!response.ok) throw await refused(response);
      const answer: unknown = await response.json().catch(() => null);
      if (typeof answer === 'object' && answer !== null) return answer as Record<string, unknown>;
      throw new WorkbenchError('unsupported', `${address}: answers as no MLflow server does (${path})`);
    },
    put: async (path, contents) => {
      const response = await send(`${address}/api/2.0/mlflow-artifacts/artifacts/${path}`, {
        method: 'PUT',
        body: contents,
      });
      if (!response.ok) throw await refused(response);
      await response.arrayBuffer();
    },
  };
};

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `nothing in ${longestMilliseconds / 1000} s`;
  const { cause } = error;
  return cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : error.message;
};

const parseRefusal = (text: string): { code: string; message: string } | null => {
  try {
    const told = JSON.parse(text) as { error_code?: unknown; message?: unknown };
    return typeof told.error_code === 'string'
      ? { code: told.error_code, message: typeof told.message === 'string' ? told.message : told.error_code }
      : null;
  } catch {
    return null;
  }
};
