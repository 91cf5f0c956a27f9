// Facts for the gates: what the kernel knows, overridden by what the board's own software wrote down.
// Touches: <facts>/{parked,charging,maintenanceMode,consent,network,batteryPercent,batteryVolts,rpmbProvisioned} (read);
// /sys/class/power_supply/*/{type,status,online,capacity,voltage_now}, /sys/class/net/*/{wireless,phy80211,uevent,type},
// /proc/net/route (read). Privileges: none.

import { access, readdir } from 'node:fs/promises';
import type { GateFacts } from '@seatrial/capsule-plan';
import { NETWORK_CLASSES, type NetworkClass } from '@seatrial/spec';
import type { BoardRoot } from './board-root.ts';
import { readTextIfThere } from './durable-file.ts';

/** A fact that is not known is absent: gates stay closed on it. */
export async function gateFacts(root: BoardRoot, factsDirectory: string): Promise<GateFacts> {
  const told = (name: string) => readTextIfThere(root(factsDirectory, name));
  const power = await powerFacts(root);
  return present({
    batteryPercent: numberOf(await told('batteryPercent')) ?? power.batteryPercent,
    batteryVolts: numberOf(await told('batteryVolts')) ?? power.batteryVolts,
    parked: truthOf(await told('parked')),
    charging: truthOf(await told('charging')) ?? power.charging,
    network: networkOf(await told('network')) ?? (await networkOfDefaultRoute(root)),
    maintenanceMode: truthOf(await told('maintenanceMode')),
    consent: truthOf(await told('consent')),
  });
}

/** One fact as a file: `true`, `1`, `yes` or `false`, `0`, `no`; anything else is not known. */
export const truthOf = (text: string | undefined): boolean | undefined => {
  if (text === undefined) return undefined;
  if (/^(?:true|1|yes)$/i.test(text)) return true;
  return /^(?:false|0|no)$/i.test(text) ? false : undefined;
};

const numberOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined;

const networkOf = (text: string | undefined): NetworkClass | undefined =>
  NETWORK_CLASSES.find(network => network === text);

type Power = { batteryPercent?: number | undefined; batteryVolts?: number | undefined; charging?: boolean | undefined };

/** The first battery speaks for the board; any supply that is online charges it. */
async function powerFacts(root: BoardRoot): Promise<Power> {
  const directory = 'sys/class/power_supply';
  const supplies = await readdir(root(directory)).catch(() => []);
  const facts: Power = {};
  for (const supply of supplies.toSorted((a, b) => a.localeCompare(b, 'en'))) {
    const read = (file: string) => readTextIfThere(root(directory, supply, file));
    if ((await read('type')) === 'Battery') {
      facts.batteryPercent ??= numberOf(await read('capacity'));
      facts.batteryVolts ??= microvolts(await read('voltage_now'));
      facts.charging ||= /^(?:Charging|Full)$/.test((await read('status')) ?? '');
    } else {
      facts.charging ||= (await read('online')) === '1';
    }
  }
  return facts;
}

const microvolts = (text: string | undefined): number | undefined => {
  const value = numberOf(text);
  return value === undefined ? undefined : value / 1_000_000;
};

const ARPHRD_ETHER = '1';

async function networkOfDefaultRoute(root: BoardRoot): Promise<NetworkClass | undefined> {
  const device = defaultRouteDevice((await readTextIfThere(root('proc/net/route'))) ?? '');
  if (device === undefined) return undefined;
  const of = (file: string) => root('sys/class/net', device, file);
  if (/^DEVTYPE=wwan$/m.test((await readTextIfThere(of('uevent'))) ?? '')) return 'cellular';
  if ((await exists(of('wireless'))) || (await exists(of('phy80211')))) return 'wifi';
  return (await readTextIfThere(of('type'))) === ARPHRD_ETHER ? 'ethernet' : undefined;
}

/** The interface of the default route with the lowest metric, from /proc/net/route. */
export function defaultRouteDevice(table: string): string | undefined {
  const routes = table
    .split('\n')
    .slice(1)
    .map(line => line.split(/\s+/))
    .filter(([, destination, , , , , , mask]) => destination === '00000000' && mask === '00000000')
    .sort((a, b) => Number(a[6]) - Number(b[6]));
  return routes[0]?.[0];
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** The object without its undefined members. */
function present(facts: { readonly [K in keyof GateFacts]: GateFacts[K] | undefined }): GateFacts {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}
