// Run by a test as a user without privileges: a whole update of an OS, printed as the commit that runs in the end.

import { nextEvent } from '../../src/index.ts';
import { Lab, STATEROOT } from './lab.ts';

const lab = new Lab();
try {
  const [factory, next] = [await lab.commit('1.0'), await lab.commit('2.0')];
  const board = await lab.board(factory);
  await Promise.all([nextEvent(board, 'agent-started'), board.powerOn()]);
  board.inject({ kind: 'storage', place: 'esp', fault: { kind: 'read-only' } });
  const refused = await board.shell(': >$ROOT/boot/EFI/UpdateCapsule/x.cap');
  board.liftStorageFault('esp');
  await board.shell(`
    ostree --repo=$ROOT/ostree/repo pull factory ${next}
    ostree admin --sysroot=$ROOT deploy --retain --os=${STATEROOT} ${next}`);
  await Promise.all([nextEvent(board, 'agent-started'), board.shell('systemctl reboot')]);
  const { running } = await board.inspect();
  process.stdout.write(JSON.stringify({ updated: running?.commit === next, refused: refused.exitCode !== 0 }));
} finally {
  await lab.close();
}
