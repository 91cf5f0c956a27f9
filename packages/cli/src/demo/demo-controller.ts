// The demonstration's controller: the real one, configured for seconds, asked through its own HTTP API.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Answer, type ControllerClient, controllerClient, startController } from '@seatrial/controller';
import { InvariantError, type Signer } from '@seatrial/spec';
import type { FleetView, SeenDevice, SeenRollout } from './fleet-view.ts';

export interface DemoController {
  /** Of the HTTP API. */
  readonly url: string;
  readonly brokerUrl: string;
  readonly fleet: FleetView;
  stop(): Promise<void>;
}

export interface DemoControllerOptions {
  readonly directory: string;
  /** The git repository that it watches. */
  readonly repository: string;
  readonly signer: Signer;
}

const FLEET = 'lab';

export async function startDemoController({
  directory,
  repository,
  signer,
}: DemoControllerOptions): Promise<DemoController> {
  const keyFile = join(directory, 'controller.key');
  await writeFile(keyFile, signer.privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const controller = await startController({
    stateDirectory: join(directory, 'controller'),
    git: { repository, poll: '1s' },
    broker: { listen: { host: '127.0.0.1', port: 0 } },
    http: { listen: { host: '127.0.0.1', port: 0 } },
    signing: { keyFile },
    boards: { unreachableAfter: '30s', requireSignatures: true },
    tick: '1s',
  });
  return {
    url: controller.url,
    brokerUrl: controller.brokerUrl,
    fleet: fleetView(controllerClient({ url: controller.url })),
    stop: () => controller.stop(),
  };
}

/** Answers in the words of the story. */
function fleetView(client: ControllerClient): FleetView {
  let told = 0;
  return {
    devices: async () => {
      const { devices } = await answered(client.devices());
      return Promise.all(devices.map(({ device }) => seenDevice(client, device)));
    },
    rollout: async () => seenRollout(client),
    why: async device => {
      const { summary, holds } = await answered(client.why(device));
      return [summary, ...holds.map(({ kind, message }) => `${kind}: ${message}`)];
    },
    news: async () => {
      const events = await answered(client.events({ after: told }));
      told = events.at(-1)?.seq ?? told;
      return events.map(({ message }) => message);
    },
  };
}

async function seenDevice(client: ControllerClient, device: string): Promise<SeenDevice> {
  const { standing, verdict } = await answered(client.device(device));
  return { device, standing, reason: verdict?.reason ?? '', message: verdict?.message ?? '' };
}

async function seenRollout(client: ControllerClient): Promise<SeenRollout | undefined> {
  const rollouts = await answered(client.rollouts());
  const rollout = rollouts.find(({ fleet }) => fleet === FLEET);
  if (rollout === undefined) return undefined;
  const { id, release, state } = rollout;
  return {
    id,
    release,
    state: state.kind,
    message: state.message,
    ...('reason' in state ? { reason: state.reason } : {}),
  };
}

/** The controller runs in this process; when it does not answer, the demonstration is broken. */
async function answered<T>(answer: Answer<T>): Promise<T> {
  const result = await answer;
  if (!result.ok) throw new InvariantError(`the controller answered ${result.error.code}: ${result.error.message}`);
  return result.value;
}
