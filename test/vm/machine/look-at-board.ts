// A board's evidence: efivarfs, ESRT, loader entries and `ostree admin status`, read by a shell and told as values. The agent is
// not asked.

import {
  decodeEfiText,
  decodeEfiVariable,
  decodeOsIndications,
  decodeTrialBoot,
  EFI_GLOBAL_VARIABLE,
  type EsrtEntry,
  efiVariableFileName,
  LOADER_VARIABLE,
  type LoaderEntry,
  parseLoaderEntry,
} from '@seatrial/capsule-plan';
import { firmwareVersion, type OstreeCommit, parseBootId, parseGuid, parseOstreeCommit } from '@seatrial/spec';
import { type BoardEvidence, type DeploymentEvidence, inLoaderOrder } from '@seatrial/virtual-board';

const EFIVARS = '/sys/firmware/efi/efivars';
const variablePath = (name: string, guid: typeof EFI_GLOBAL_VARIABLE) =>
  `${EFIVARS}/${efiVariableFileName(name, guid)}`;
const OS_INDICATIONS = variablePath('OsIndications', EFI_GLOBAL_VARIABLE);
const TRIAL = variablePath('OsTrialBootStatus', EFI_GLOBAL_VARIABLE);
const HELD = variablePath('LoaderEntryDefault', LOADER_VARIABLE);
const SELECTED = variablePath('LoaderEntrySelected', LOADER_VARIABLE);

/** One `kind name base64` line for each thing. */
export const LOOK = `
tell() { [ -e "$3" ] && echo "$1 $2 $(base64 -w0 <"$3")"; }
for name in ${OS_INDICATIONS} ${TRIAL} ${HELD} ${SELECTED}; do tell variable "$name" "$name"; done
for file in /sys/firmware/efi/esrt/entries/entry0/*; do tell esrt "\${file##*/}" "$file"; done
tell boot id /proc/sys/kernel/random/boot_id
for file in /boot/loader/entries/*.conf; do
  tell entry "\${file##*/}" "$file"
  link=$(sed -n 's/^options.* ostree=\\([^ ]*\\).*/\\1/p' "$file")
  echo "leads \${file##*/} $(readlink -f "$link" | base64 -w0)"
done
ls /boot/EFI/UpdateCapsule 2>/dev/null | grep -i '\\.cap$' | sort | while read -r name; do echo "capsule $name -"; done
echo "status ostree $(ostree admin status 2>/dev/null | base64 -w0)"
`;

interface Told {
  readonly kind: string;
  readonly name: string;
  readonly value: Buffer;
}

/** What LOOK has printed, as evidence; `firmwareStarts` is known to the serial log alone. */
export function readLook(output: string, firmwareStarts: number): BoardEvidence {
  const told = [...output.matchAll(/^(variable|esrt|boot|entry|leads|capsule|status) (\S+) (\S*)$/gm)].map(
    ([, kind = '', name = '', value = '']): Told => ({ kind, name, value: Buffer.from(value, 'base64') }),
  );
  const found = (kind: string, name: string) => told.find(one => one.kind === kind && one.name === name)?.value;
  const text = (kind: string, name: string) => found(kind, name)?.toString('utf8').trim() ?? '';
  const status = found('status', 'ostree')?.toString('utf8') ?? '';
  const bootId = parseBootId(text('boot', 'id'));
  const commit = runningCommit(status);
  const selected = variableText(found('variable', SELECTED));
  const held = variableText(found('variable', HELD));
  const esrt = readEsrt(name => text('esrt', name));
  return {
    ...(bootId === undefined || commit === undefined ? {} : { running: { bootId, commit, entryId: selected ?? '' } }),
    ...(esrt === undefined ? {} : { esrt }),
    ...shared(name => found('variable', name)),
    capsules: told.filter(({ kind }) => kind === 'capsule').map(({ name }) => name),
    entries: readEntries(told).map(({ fileName }) => withCommit(fileName, text('leads', fileName))),
    ...(held === undefined ? {} : { heldEntry: held }),
    deployments: deploymentsOf(status),
    firmwareStarts,
  };
}

const readEntries = (told: readonly Told[]): readonly LoaderEntry[] =>
  inLoaderOrder(
    told
      .filter(({ kind }) => kind === 'entry')
      .map(({ name, value }) => parseLoaderEntry(name, value.toString('utf8')))
      .filter(entry => entry !== undefined),
  );

function withCommit(fileName: string, path: string): { fileName: string; commit?: OstreeCommit } {
  const commit = parseOstreeCommit(/\/deploy\/([0-9a-f]{64})\.\d+$/.exec(path)?.[1] ?? '');
  return commit === undefined ? { fileName } : { fileName, commit };
}

const variableText = (file: Buffer | undefined): string | undefined => {
  const variable = file === undefined ? undefined : decodeEfiVariable(file);
  return variable?.ok === true ? decodeEfiText(variable.value.value) : undefined;
};

function shared(find: (name: string) => Buffer | undefined): Pick<BoardEvidence, 'osIndications' | 'trial'> {
  const value = (name: string): Uint8Array => {
    const variable = decodeEfiVariable(find(name) ?? new Uint8Array());
    return variable.ok ? variable.value.value : new Uint8Array();
  };
  const indications = decodeOsIndications(value(OS_INDICATIONS));
  const trial = decodeTrialBoot(value(TRIAL));
  return {
    ...(indications.ok ? { osIndications: indications.value } : {}),
    ...(trial.ok ? { trial: trial.value } : {}),
  };
}

function readEsrt(text: (name: string) => string): EsrtEntry | undefined {
  const fwClass = parseGuid(text('fw_class'));
  if (fwClass === undefined) return undefined;
  const number = (name: string) => Number(text(name));
  return {
    fwClass,
    fwType: number('fw_type'),
    fwVersion: firmwareVersion(number('fw_version')),
    lowestSupportedFwVersion: firmwareVersion(number('lowest_supported_fw_version')),
    capsuleFlags: number('capsule_flags'),
    lastAttemptVersion: firmwareVersion(number('last_attempt_version')),
    lastAttemptStatus: number('last_attempt_status'),
  };
}

const STATUS_LINE = /^([* ]) (\S+) ([0-9a-f]{64})\.(\d+)(?: \(.*\))?$/gm;

const deploymentsOf = (status: string): readonly DeploymentEvidence[] =>
  [...` ${status}`.replace(/^ (?=\*)/, '').matchAll(STATUS_LINE)].flatMap(([, , stateroot = '', text = '', serial]) => {
    const commit = parseOstreeCommit(text);
    return commit === undefined ? [] : [{ stateroot, commit, serial: Number(serial) }];
  });

const runningCommit = (status: string): OstreeCommit | undefined =>
  parseOstreeCommit(/^\* \S+ ([0-9a-f]{64})\./m.exec(status)?.[1] ?? '');
