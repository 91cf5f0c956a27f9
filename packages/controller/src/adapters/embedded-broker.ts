// The broker that comes with the controller: aedes behind a TCP socket, for trying things out and for small fleets.
//
// Touches: one listening TCP port. Keeps messages in memory only: after a restart the controller publishes every plan anew,
// and every board its report. Speaks MQTT 3.1.1 without shared subscriptions; has no accounts, so it listens on this
// machine only unless it is told otherwise.

import { createServer, type Server, type Socket } from 'node:net';
import { Aedes } from 'aedes';
import { PortError } from '../errors.ts';

export interface EmbeddedBroker {
  /** `mqtt://host:port` with the port that was really taken. */
  readonly url: string;
  close(): Promise<void>;
}

/** Port 0 takes a free one. Throws PortError `broker-address-in-use`. */
export async function startEmbeddedBroker(listen: {
  readonly host: string;
  readonly port: number;
}): Promise<EmbeddedBroker> {
  const aedes = await Aedes.createBroker({ maxClientsIdLength: 128 });
  const sockets = new Set<Socket>();
  const server = createServer(socket => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.once('close', () => sockets.delete(socket));
    aedes.handle(socket);
  });
  const port = await listenOn(server, listen);
  return {
    url: `mqtt://${listen.host.includes(':') ? `[${listen.host}]` : listen.host}:${port}`,
    close: async () => {
      const closed = new Promise<void>(resolve => server.close(() => resolve()));
      await new Promise<void>(resolve => aedes.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function listenOn(server: Server, { host, port }: { readonly host: string; readonly port: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: Error) =>
      reject(new PortError('broker-address-in-use', `${host}:${port}`, { detail: cause.message, cause })),
    );
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
