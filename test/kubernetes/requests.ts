import type { KubernetesObject } from '@kubernetes/client-node';
import { type HttpRequest, type KubernetesAccess, sendTo } from '../../compute/kubernetes/api/http.ts';

type Body = object;

/** Plain requests to the API server. Each throws a `RequestError` for a refusal. */
export interface Requests {
  get<T>(path: string): Promise<T>;
  list<T extends KubernetesObject>(path: string): Promise<T[]>;
  create<T>(path: string, body: Body): Promise<T>;
  patch(path: string, body: Body): Promise<void>;
  remove(path: string, options?: Body): Promise<void>;
}

export class RequestError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const timeoutMs = 10_000;

export const requestsTo = (access: KubernetesAccess): Requests => {
  const send = sendTo(access, timeoutMs);
  const request = async <T>(request: HttpRequest): Promise<T> => {
    const { status, body } = await send(request);
    if (status >= 300) throw new RequestError(status, body);
    return JSON.parse(body) as T;
  };
  return {
    get: (path) => request({ method: 'GET', path }),
    list: async (path) => (await request<{ items: never[] }>({ method: 'GET', path })).items,
    create: (path, body) =>
      request({ method: 'POST', path, contentType: 'application/json', body: JSON.stringify(body) }),
    async patch(path, body) {
      await request({ method: 'PATCH', path, contentType: 'application/merge-patch+json', body: JSON.stringify(body) });
    },
    async remove(path, options = {}) {
      await request({ method: 'DELETE', path, contentType: 'application/json', body: JSON.stringify(options) });
    },
  };
};
