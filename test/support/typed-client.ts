import { ask } from './client.js';

/**
 * A client whose requests and answers have the types that openapi-typescript makes of an OpenAPI document; `Paths` is the `paths` of one.
 */

type Method = 'get' | 'head' | 'post' | 'delete';

/** An operation: each answer has its status, and its body in one type of content. */
interface AnyOperation {
  readonly parameters: object;
  readonly responses: object;
}

type OperationOf<Paths, P extends keyof Paths, M extends Method> = M extends keyof Paths[P]
  ? Extract<Paths[P][M], AnyOperation>
  : never;

/** The paths that a method is for. */
type PathsOf<Paths, M extends Method> = {
  [P in keyof Paths]: OperationOf<Paths, P, M> extends never ? never : P;
}[keyof Paths];

/** Parameters of the path and the query, and the body where there is one. */
type Wish<O extends AnyOperation> = Pick<O['parameters'], Extract<keyof O['parameters'], 'path' | 'query'>> &
  (O extends { requestBody: { content: { 'application/json': infer B } } } ? { body: B } : unknown);

type Content<R> = R extends { content: infer C } ? Exclude<C, undefined>[keyof Exclude<C, undefined>] : undefined;

/** One of the answers that the document has; the status says which. */
type Reply<R> = { [S in keyof R]: { readonly status: S; readonly body: Content<R[S]> } }[keyof R];

export type TypedClient<Paths> = <M extends Method, P extends PathsOf<Paths, M>>(
  method: M,
  path: P,
  wish: Wish<OperationOf<Paths, P, M>>,
) => Promise<Reply<OperationOf<Paths, P, M>['responses']>>;

/** @param prefix before every path of the document, as its servers have it */
export function makeTypedClient<Paths>(socketPath: string, prefix: string): TypedClient<Paths> {
  const send = async (method: string, template: string, wish: Untyped) => {
    const url = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(wish.path?.[name])));
    const query = Object.entries(wish.query ?? {}).map(
      ([name, value]) => `${name}=${encodeURIComponent(String(value))}`,
    );
    const asked = query.length === 0 ? url : `${url}?${query.join('&')}`;
    const { status, headers, text } = await ask(socketPath, method.toUpperCase(), `${prefix}${asked}`, wish.body);
    const isJson = headers['content-type'] === 'application/json';
    return { status, body: isJson ? (JSON.parse(text) as unknown) : text === '' ? undefined : text };
  };
  return send as unknown as TypedClient<Paths>;
}

interface Untyped {
  readonly path?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}
