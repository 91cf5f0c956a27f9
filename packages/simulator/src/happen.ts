// What can happen to boards, network, broker and controller: one row for each kind of happening.

import { topic } from '@seatrial/capsule-plan';
import type { Happening } from './scenario.ts';
import type { Scene } from './scene.ts';

/** Everything but what people do in git and with the rollout, which needs to know what is in git. */
export type SceneHappening = Exclude<
  Happening,
  { readonly kind: 'push' | 'revert' | 'force-push' | 'remove-fleet' | 'order' | 'edit' | 'approve' }
>;

/** The capsule of somebody else's update. */
export const FOREIGN = 'vendor.cap';

type Of<K extends SceneHappening['kind']> = Extract<SceneHappening, { kind: K }>;

export const HAPPEN: { readonly [K in SceneHappening['kind']]: (scene: Scene, what: Of<K>) => void } = {
  'power-cut': (scene, { board, offMs }) => scene.board(board).cutPower(offMs),
  'power-cut-at-effect': (scene, { board, nth }) => {
    scene.board(board).hardware.power.cutAfter = nth;
  },
  'kill-agent': (scene, { board }) => scene.board(board).killAgent(),
  storage: (scene, { board, place, forMs }) => {
    const { hardware } = scene.board(board);
    const set = (isBroken: boolean): void => {
      if (place === 'esp') hardware.esp.isWritable = !isBroken;
      if (place === 'efivars') hardware.efi.isWritable = !isBroken;
      if (place === 'disk') hardware.records.isFull = isBroken;
    };
    set(true);
    scene.time.after(forMs, () => set(false));
  },
  'firmware-fault': (scene, { board, fault }) => {
    const { hardware } = scene.board(board);
    hardware.flash = { ...hardware.flash, faults: [...hardware.flash.faults, { ...fault, times: 1 }] };
  },
  'foreign-capsule': (scene, { board, forMs }) => {
    const { hardware } = scene.board(board);
    hardware.esp.files.set(FOREIGN, Buffer.from('{}'));
    scene.time.after(forMs, () => hardware.esp.files.delete(FOREIGN));
  },
  'foreign-bits': (scene, { board }) => scene.board(board).hardware.setVariableBits(1n),
  clock: (scene, { board, offsetMs, forMs }) => {
    const one = scene.board(board);
    one.clockOffsetMs = offsetMs === 'never-set' ? 0 - scene.time.now() : offsetMs;
    scene.time.after(forMs, () => {
      one.clockOffsetMs = 0;
    });
  },
  unparked: (scene, { board, forMs }) => {
    const { facts } = scene.board(board).hardware;
    facts.facts = { parked: false };
    scene.time.after(forMs, () => {
      facts.facts = { parked: true };
    });
  },
  'lose-blesses': (scene, { board }) => {
    scene.board(board).losesBlesses = true;
  },
  'lose-records': (scene, { board, forMs }) => {
    const { records } = scene.board(board).hardware;
    records.isLying = true;
    scene.time.after(forMs, () => {
      records.isLying = false;
    });
  },
  clone: (scene, { board, forMs }) => {
    const twin = scene.twinOf(board);
    twin.powerOn();
    scene.time.after(forMs, () => scene.takeAway(twin));
  },
  swap: (scene, { board, other }) => scene.swap(scene.board(board), scene.board(other)),
  partition: (scene, { boards, forMs }) => {
    const clients = boards.map(board => scene.client(board));
    for (const client of clients) scene.broker.cutOff(client);
    scene.time.after(forMs, () => {
      for (const client of clients) scene.broker.reconnectable(client);
    });
  },
  kick: (scene, { board }) => scene.broker.kick(scene.client(board)),
  'cut-off': (scene, { board, forMs }) => {
    const client = scene.client(board);
    scene.broker.cutOff(client);
    scene.time.after(forMs, () => scene.broker.reconnectable(client));
  },
  offline: (scene, { board, forMs }) => {
    const one = scene.board(board);
    one.isOffline = true;
    scene.time.after(forMs, () => {
      one.isOffline = false;
    });
  },
  'broker-restart': ({ broker, time }, { forgets, downMs }) => {
    broker.stop({ forgets });
    time.after(downMs, () => broker.start());
  },
  weather: ({ broker, time }, { slow, doubled, overtaking, forMs }) => {
    Object.assign(broker.weather, { slow, doubled, overtaking });
    time.after(forMs, () => {
      Object.assign(broker.weather, { slow: 0, doubled: 0, overtaking: false });
    });
  },
  forge: (scene, { board, how }) => {
    const [name, message, genuine] = forgedPlan(scene, board, how);
    scene.broker.take(name, message, true);
    if (genuine !== undefined) scene.displaced.set(name, genuine);
  },
  'kill-controller': ({ controller, time }, { downMs, memory }) => {
    if (!controller.isRunning) return;
    controller.kill();
    time.after(downMs, () => {
      if (!controller.isRunning) void controller.restart(memory);
    });
  },
  backup: ({ controller }) => controller.takeBackup(),
  'git-away': ({ git, time }, { forMs }) => {
    git.isReachable = false;
    time.after(forMs, () => {
      git.isReachable = true;
    });
  },
  'audit-away': ({ audit, time }, { forMs }) => {
    audit.isReachable = false;
    time.after(forMs, () => {
      audit.isReachable = true;
    });
  },
};

/** A plan that no board may follow; `replay` is a real one of this board, and may be followed again. */
function forgedPlan(
  scene: Scene,
  index: number,
  how: Of<'forge'>['how'],
): [string, Uint8Array, Uint8Array | undefined] {
  const { broker, promises, boards } = scene;
  const own = topic(scene.board(index).device, 'plan');
  const other = boards
    .map(({ device }) => topic(device, 'plan'))
    .find(name => name !== own && broker.retained.has(name));
  const genuine = broker.retained.get(own);
  const text = Buffer.from(genuine ?? '{}').toString();
  const made = {
    unsigned: text.replace(/"sig":"..../, '"sig":"AAAA'),
    'other-board': Buffer.from((other === undefined ? undefined : broker.retained.get(other)) ?? '[]').toString(),
    replay: Buffer.from(scene.oldPlans.get(own) ?? '[]').toString(),
    garbage: 'x'.repeat(5_000),
  }[how];
  if (how !== 'replay' && made !== text) promises.forged.add(`${scene.board(index).device} ${made}`);
  return [own, Buffer.from(made), scene.displaced.get(own) ?? genuine];
}
