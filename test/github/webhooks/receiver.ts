// Takes webhooks like a service of somebody's would: keeps what arrived, and answers as a test wants.

import { createServer, type Server } from 'node:http';
import { InvariantError } from '@seatrial/spec';
import { isObject, type JsonObject, parseJson } from '../json.ts';

export interface Received {
  readonly event: string;
  readonly guid: string;
  readonly signature: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly payload: JsonObject;
}

export class Receiver {
  readonly #server: Server;
  readonly received: Received[] = [];
  /** With which it answers from now on. */
  status = 202;

  private constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const payload = parseJson(text);
        const headers = Object.fromEntries(
          Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
        );
        const { 'x-github-event': event = '', 'x-github-delivery': guid = '' } = headers;
        const signature = headers['x-hub-signature-256'] ?? '';
        this.received.push({ event, guid, signature, headers, text, payload: isObject(payload) ? payload : {} });
        response.writeHead(this.status).end();
      });
    });
  }

  /** On the loopback, at a port that is free. */
  static async open(): Promise<Receiver> {
    const receiver = new Receiver();
    await new Promise<void>(resolve => receiver.#server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new InvariantError('the receiver listens at a port');
    return `http://127.0.0.1:${address.port}/hook`;
  }

  /** `event` or `event.action` of each, in the order of arrival. */
  names(): readonly string[] {
    return this.received.map(({ event, payload: { action } }) =>
      typeof action === 'string' ? `${event}.${action}` : event,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>(resolve => this.#server.close(() => resolve()));
  }
}
