// What a board knows about itself: facts as files, overriding what the kernel shows.

import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { boardFacts } from '../../src/adapters/board-facts.ts';
import { boardRoot } from '../../src/adapters/board-root.ts';
import { defaultRouteDevice } from '../../src/adapters/gate-facts.ts';
import { mountOptions } from '../../src/adapters/mounts.ts';
import { temporaryDirectory } from '../world/directories.ts';
import { boot } from '../world/values.ts';

function boardWith(files: Readonly<Record<string, string>>) {
  const base = temporaryDirectory();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(base, path)), { recursive: true });
    writeFileSync(join(base, path), text);
  }
  return { base, facts: boardFacts(boardRoot(base), '/run/seatrial/facts') };
}

const BATTERY = {
  'sys/class/power_supply/BAT0/type': 'Battery\n',
  'sys/class/power_supply/BAT0/capacity': '73\n',
  'sys/class/power_supply/BAT0/voltage_now': '12600000\n',
  'sys/class/power_supply/BAT0/status': 'Discharging\n',
};
const ROUTES = [
  'Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT',
  'wlan0 00000000 0101A8C0 0003 0 0 600 00000000 0 0 0',
  'eth0 00000000 0101A8C0 0003 0 0 100 00000000 0 0 0',
  'eth0 0000A8C0 00000000 0001 0 0 100 00FFFFFF 0 0 0',
].join('\n');

describe('when a board looks at itself', () => {
  test('then its boot has an id, and one that is missing is a failure by name', async () => {
    const { facts } = boardWith({ 'proc/sys/kernel/random/boot_id': `${boot(7)}\n` });
    expect(await facts.bootId()).toBe(boot(7));
    await expect(boardWith({}).facts.bootId()).rejects.toMatchObject({ code: 'boot-id-missing' });
  });

  test('then its zone is that of the link, of the file, or none', async () => {
    const { base, facts } = boardWith({ 'etc/timezone': 'America/Chicago\n' });
    expect(await facts.timeZone()).toBe('America/Chicago');
    symlinkSync('../usr/share/zoneinfo/Europe/Berlin', join(base, 'etc/localtime'));
    expect(await facts.timeZone()).toBe('Europe/Berlin');
    expect(await boardWith({ 'etc/timezone': 'Nowhere/Land' }).facts.timeZone()).toBe('UTC');
  });

  test('then it knows its room', async () => {
    expect(await boardWith({ 'boot/x': '' }).facts.freeBytes('/boot')).toBeGreaterThan(0);
  });
});

describe('when the gates ask for facts', () => {
  test('then a bare board knows none', async () => {
    expect(await boardWith({}).facts.gates()).toEqual({});
  });

  test('then the kernel tells of battery, charger and network', async () => {
    const { facts } = boardWith({
      ...BATTERY,
      'proc/net/route': ROUTES,
      'sys/class/net/eth0/type': '1\n',
    });
    expect(await facts.gates()).toEqual({
      batteryPercent: 73,
      batteryVolts: 12.6,
      charging: false,
      network: 'ethernet',
    });
  });

  test.each([
    ['wifi', { 'sys/class/net/eth0/phy80211/name': 'phy0', 'sys/class/net/eth0/type': '1' }],
    ['cellular', { 'sys/class/net/eth0/uevent': 'DEVTYPE=wwan\nINTERFACE=eth0', 'sys/class/net/eth0/type': '1' }],
  ])('then a default route over %s is known', async (network, files) => {
    expect(await boardWith({ 'proc/net/route': ROUTES, ...files }).facts.gates()).toEqual({ network });
  });

  test('then what the board wrote down counts more, and nonsense is not known', async () => {
    const { facts } = boardWith({
      ...BATTERY,
      'run/seatrial/facts/batteryPercent': '20\n',
      'run/seatrial/facts/parked': 'true\n',
      'run/seatrial/facts/maintenanceMode': '0\n',
      'run/seatrial/facts/consent': 'perhaps\n',
      'run/seatrial/facts/network': 'satellite',
    });
    expect(await facts.gates()).toEqual({
      batteryPercent: 20,
      batteryVolts: 12.6,
      charging: false,
      parked: true,
      maintenanceMode: false,
      network: 'satellite',
    });
  });

  test('then a charger that is on the mains charges', async () => {
    const { facts } = boardWith({
      ...BATTERY,
      'sys/class/power_supply/ADP1/type': 'Mains',
      'sys/class/power_supply/ADP1/online': '1',
    });
    expect((await facts.gates()).charging).toBe(true);
  });
});

describe('when tables of the kernel are read', () => {
  test('then the default route with the lowest metric wins', () => {
    expect(defaultRouteDevice(ROUTES)).toBe('eth0');
    expect(defaultRouteDevice('')).toBeUndefined();
  });

  test('then the nearest mount decides, and of two on one point the later', () => {
    const table =
      '/dev/a / ext4 rw 0 0\n/dev/b /boot vfat rw 0 0\n/dev/b /boot vfat ro,x 0 0\n/dev/c /boot/efi vfat rw 0 0';
    expect(mountOptions(table, '/boot')).toEqual(['ro', 'x']);
    expect(mountOptions(table, '/boot/efi/EFI')).toEqual(['rw']);
    expect(mountOptions(table, '/bootx')).toBeUndefined();
  });
});
