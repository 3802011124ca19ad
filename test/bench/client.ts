import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly bytes: number;
  readonly text: string;
}

const endOfHead = '\r\n\r\n';
const lastChunk = Buffer.from('0\r\n\r\n');

/** One kept connection with one request at a time. The client works as little as possible, so that a bench measures the server. */
export class Client {
  #pieces: Buffer[] = [];
  #settle: { readonly resolve: (answer: Answer) => void; readonly reject: (error: Error) => void } | undefined;

  private constructor(private readonly socket: Socket) {
    socket.on('data', (piece) => {
      this.#pieces.push(piece);
      const answer = parse(this.#pieces);
      if (answer === undefined) return;
      this.#pieces = [];
      this.#settle?.resolve(answer);
    });
    socket.on('error', (error) => this.#settle?.reject(error));
    socket.on('close', () => this.#settle?.reject(new Error('the connection was closed')));
  }

  static async open(path: string): Promise<Client> {
    const socket = connect(path);
    await once(socket, 'connect');
    return new Client(socket);
  }

  async ask(method: string, url: string, body?: unknown): Promise<Answer> {
    const text = body === undefined ? '' : JSON.stringify(body);
    const head = `${method} ${url} HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}`;
    return await new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.socket.write(head + endOfHead + text);
    });
  }

  /** @throws Error when the status is another one */
  async expect(status: number, method: string, url: string, body?: unknown): Promise<Answer> {
    const answer = await this.ask(method, url, body);
    if (answer.status !== status) throw new Error(`${method} ${url}: ${answer.status} ${answer.text}`);
    return answer;
  }

  close(): void {
    this.socket.removeAllListeners();
    this.socket.destroy();
  }
}

/** Undefined while the answer is not complete. */
function parse(pieces: Buffer[]): Answer | undefined {
  const first = pieces[0] ?? Buffer.alloc(0);
  const headBytes = first.indexOf(endOfHead);
  if (headBytes === -1) {
    // A head in two pieces is rare.
    if (pieces.length < 2) return undefined;
    pieces.splice(0, pieces.length, Buffer.concat(pieces));
    return pieces[0]?.includes(endOfHead) === true ? parse(pieces) : undefined;
  }
  const head = first.toString('latin1', 0, headBytes).toLowerCase();
  const status = Number(head.slice(9, 12));
  const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0) - headBytes - endOfHead.length;
  const text = () => Buffer.concat(pieces).toString('utf8', headBytes + endOfHead.length);
  if (head.includes('transfer-encoding: chunked')) {
    return pieces.at(-1)?.subarray(-lastChunk.length).equals(lastChunk) === true
      ? { status, bytes, text: text() }
      : undefined;
  }
  const length = Number(/content-length: (\d+)/.exec(head)?.[1] ?? 0);
  return bytes >= length ? { status, bytes, text: status < 300 ? '' : text() } : undefined;
}
