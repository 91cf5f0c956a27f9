// `seatrial capsule`: UEFI firmware capsules made, signed, taken apart and judged.

import { type Command, InvalidArgumentError, Option } from 'commander';
import type { BuildOptions } from '../capsule/run-build.ts';
import type { CertsOptions } from '../capsule/run-certs.ts';
import type { ConfigBuildOptions } from '../capsule/run-config-build.ts';
import type { FvCreateOptions, FvXmlOptions } from '../capsule/run-fv.ts';
import type { SignOptions } from '../capsule/run-sign.ts';
import type { VersionCreateOptions, VersionFormat } from '../capsule/run-version.ts';
import type { Cli } from '../cli.ts';
import { houseCommand } from '../house-command.ts';
import { formatOption } from '../output/format.ts';
import { inspect, verify } from './capsule-judge.ts';
import { DIGESTS, ENDS, repeatable, STORAGES, wholeNumber } from './capsule-options.ts';

export const capsuleCommand = (cli: Cli): Command =>
  houseCommand('capsule', {
    summary: 'make, sign and check firmware capsules',
    description:
      'UEFI capsules for Qualcomm Linux, byte for byte as the vendor tools make them, but refusing where those fail open. ' +
      'docs/capsules.md shows each step beside the old command.',
    examples: [
      { goal: 'Build firmware from a document in git', line: 'seatrial capsule build firmware/iq9075.yaml' },
      {
        goal: 'Judge it as the board would',
        line: 'seatrial capsule verify fw.cap --trust QcFMPRoot.pub.pem --target QCS9100',
      },
    ],
    exitCodes: {},
  })
    .addCommand(versionCreate(cli))
    .addCommand(versionShow(cli))
    .addCommand(fvXml(cli))
    .addCommand(fvCreate(cli))
    .addCommand(build(cli))
    .addCommand(sign(cli))
    .addCommand(inspect(cli))
    .addCommand(verify(cli))
    .addCommand(certs(cli));

const versionCreate = (cli: Cli): Command =>
  houseCommand('version-create', {
    summary: 'write SYSFW_VERSION.bin',
    description: 'Writes the version and the lowest version that may ever follow it.',
    examples: [
      {
        goal: 'Version 1.2 that can go back to anything',
        line: 'seatrial capsule version-create 0.0.1.2 --lowest 0.0.0.0',
      },
    ],
    exitCodes: ENDS,
  })
    .argument('<version>', '0.0.A.B')
    .requiredOption('--lowest <version>', 'lowest supported version, 0.0.A.B')
    .option('--out <file>', 'where to', 'SYSFW_VERSION.bin')
    .option('--as-reference', 'take any first two numbers and let parts run over, as the vendor tool does')
    .addOption(formatOption())
    .action(async (version: string, options: VersionCreateOptions) => {
      const { runVersionCreate } = await import('../capsule/run-version.ts');
      await runVersionCreate(cli, version, options);
    });

const versionShow = (cli: Cli): Command =>
  houseCommand('version-show', {
    summary: 'read SYSFW_VERSION.bin',
    description: 'Prints the version after checking signature, size and CRC.',
    examples: [
      { goal: "The vendor tool's own text", line: 'seatrial capsule version-show SYSFW_VERSION.bin -o reference' },
    ],
    exitCodes: { 0: 'the file is valid', 2: 'it is not, or can not be read' },
  })
    .argument('<file>', 'SYSFW_VERSION.bin')
    .addOption(formatOption('reference'))
    .action(async (file: string, { output }: { readonly output: VersionFormat }) => {
      const { runVersionShow } = await import('../capsule/run-version.ts');
      await runVersionShow(cli, file, output);
    });

const storageOption = (): Option => new Option('--storage <storage>', 'where the firmware lives').choices(STORAGES);

const fvXml = (cli: Cli): Command =>
  houseCommand('fv-xml', {
    summary: 'write FvUpdate.xml',
    description:
      'Lists every image of a target with its partitions. Images are set to IGNORE unless --update names them.',
    examples: [
      {
        goal: 'The guide’s board',
        line: 'seatrial capsule fv-xml --target QCS9100 --storage UFS --update xbl.elf --update tz.mbn',
      },
      { goal: 'A board of your own', line: 'seatrial capsule fv-xml --table partitions.conf' },
      { goal: 'Which targets are known', line: 'seatrial capsule fv-xml --list' },
    ],
    exitCodes: ENDS,
  })
    .option('--target <name>', 'a target that --list names')
    .addOption(storageOption())
    .option('--table <file>', 'a partitions.conf in place of --target')
    .addOption(repeatable('--update <image>', 'set this image to UPDATE (again for more)'))
    .option('--out <file>', 'where to', 'FvUpdate.xml')
    .option('--list', 'list targets, storages and firmware classes')
    .addOption(formatOption())
    .action(async (options: FvXmlOptions & { readonly list?: boolean }) => {
      const { listTargets, runFvXml } = await import('../capsule/run-fv.ts');
      if (options.list === true) listTargets(cli, options.output);
      else await runFvXml(cli, options);
    });

const fvCreate = (cli: Cli): Command =>
  houseCommand('fv-create', {
    summary: 'build a firmware volume',
    description:
      'Packs every image that FvUpdate.xml updates, and the metadata. Refuses where fv-create would write an empty volume.',
    examples: [
      { goal: 'With images in ./images', line: 'seatrial capsule fv-create FvUpdate.xml SYSFW_VERSION.bin images' },
      { goal: 'An embedded controller', line: 'seatrial capsule fv-create --ec ec.bin --out ec.fv' },
    ],
    exitCodes: ENDS,
  })
    .argument('[xml]', 'FvUpdate.xml')
    .argument('[version]', 'SYSFW_VERSION.bin')
    .argument('[directories...]', 'where images are looked for, after InputPath')
    .option('--ec <image>', 'an embedded controller image in place of everything else')
    .option('--out <file>', 'where to', 'firmware.fv')
    .addOption(new Option('--revision <n>', 'metadata revision').choices(['3', '5']).default('3'))
    .addOption(repeatable('--file-guid <guid>', 'GUID of the next image’s file, in order; derived otherwise'))
    .addOption(formatOption())
    .action(
      async (
        xml: string | undefined,
        version: string | undefined,
        directories: readonly string[],
        options: FvCreateWords,
      ) => {
        const { runEcVolume, runFvCreate } = await import('../capsule/run-fv.ts');
        if (options.ec !== undefined) return await runEcVolume(cli, options.ec, options);
        if (xml === undefined || version === undefined)
          throw new InvalidArgumentError('give FvUpdate.xml and SYSFW_VERSION.bin');
        await runFvCreate(
          cli,
          { xml, version, directories },
          { ...options, revision: options.revision === '5' ? 5 : 3 },
        );
      },
    );

type FvCreateWords = Omit<FvCreateOptions, 'revision'> & { readonly ec?: string; readonly revision: '3' | '5' };

const build = (cli: Cli): Command =>
  houseCommand('build', {
    summary: 'build a capsule',
    description:
      'From a CapsuleBuild document: version, volume, capsule and signature in one step. With --config: from the config.json ' +
      'of GenerateCapsule. The finished file is verified before it appears.',
    examples: [
      { goal: 'Everything from one document', line: 'seatrial capsule build firmware/iq9075.yaml' },
      {
        goal: 'The old way',
        line: 'seatrial capsule build --config config.json --capflag PersistAcrossReset --out fw.cap',
      },
    ],
    exitCodes: { 0: 'built', 1: 'the document has problems', 2: 'could not be built; nothing was written' },
  })
    .argument('[document]', 'a CapsuleBuild YAML file')
    .option('--config <file>', 'a config.json in place of the document')
    .option('--out <file>', 'where to; the document says it otherwise')
    .addOption(repeatable('--capflag <flag>', 'PersistAcrossReset or InitiateReset, with --config'))
    .option('--capoemflag <flags>', '16 bits of the firmware class, with --config')
    .option('--opaque', 'payloads need not be firmware volumes, with --config')
    .option('--signing-time <time>', 'RFC 3339; now unless given')
    .option('--strict', 'refuse certificates that are not valid at the signing time')
    .addOption(formatOption())
    .action(
      async (
        document: string | undefined,
        options: BuildOptions & Partial<ConfigBuildOptions> & { readonly config?: string },
      ) => {
        if (document !== undefined && options.config !== undefined)
          throw new InvalidArgumentError('give a document or --config, not both');
        if (document !== undefined) {
          const { runBuild } = await import('../capsule/run-build.ts');
          return cli.finish(await runBuild(cli, document, options));
        }
        const { FLAG_NAMES, runConfigBuild } = await import('../capsule/run-config-build.ts');
        if (options.config === undefined || options.out === undefined)
          throw new InvalidArgumentError('give a document, or --config and --out');
        const capflag = (options.capflag ?? []).map(name => {
          if (!Object.hasOwn(FLAG_NAMES, name)) throw new InvalidArgumentError(`${name} is no capsule flag`);
          return name;
        });
        await runConfigBuild(cli, options.config, { ...options, out: options.out, capflag });
      },
    );

const sign = (cli: Cli): Command =>
  houseCommand('sign', {
    summary: 'sign a capsule or a firmware volume',
    description:
      'Signs every payload with PKCS#7. The key comes from a PEM file (--key, or the file of --certificate), encrypted or not, ' +
      'or stays in a token (--pkcs11).',
    examples: [
      {
        goal: 'Sign what was built unsigned',
        line: 'seatrial capsule sign unsigned.cap --certificate QcFMPCert.pem --chain QcFMPSub.pub.pem --out fw.cap',
      },
      {
        goal: 'With a key in a token',
        line: "seatrial capsule sign unsigned.cap --certificate leaf.crt --pkcs11 'pkcs11:token=fw;object=leaf' --pin-file pin --out fw.cap",
      },
    ],
    exitCodes: ENDS,
  })
    .argument('<file>', 'a capsule, or a firmware volume with --version-file')
    .requiredOption('--certificate <file>', 'the signer’s certificate, PEM or DER')
    .option('--key <file>', 'the private key, PEM')
    .option('--passphrase-file <file>', 'its first line opens an encrypted key')
    .option('--pkcs11 <uri>', 'a key in a token, RFC 7512')
    .option('--module <file>', 'the token’s PKCS#11 library')
    .option('--pin-file <file>', 'its first line is the PIN')
    .addOption(repeatable('--chain <file>', 'certificates between signer and root'))
    .addOption(repeatable('--trust <file>', 'what the result must verify against'))
    .addOption(new Option('--digest <name>', 'what is signed').choices(DIGESTS).default('sha256'))
    .option('--signing-time <time>', 'RFC 3339; now unless given')
    .option('--strict', 'refuse certificates that are not valid at the signing time')
    .option('--version-file <file>', 'SYSFW_VERSION.bin: the input is a firmware volume')
    .option('--target <name>', 'whose firmware class a volume is for')
    .option('--guid <guid>', 'the firmware class itself')
    .requiredOption('--out <file>', 'where to')
    .addOption(formatOption())
    .action(async (file: string, options: SignOptions) => {
      const { runSign } = await import('../capsule/run-sign.ts');
      await runSign(cli, file, options);
    });

const certs = (cli: Cli): Command =>
  houseCommand('certs', {
    summary: 'make root, intermediate and signing certificate',
    description:
      'Under the guide’s names, with new RSA keys and SHA-256 throughout. For a product, keep the root key offline.',
    examples: [{ goal: 'For a laboratory', line: 'seatrial capsule certs ./certs --organisation "C=US,O=Example"' }],
    exitCodes: ENDS,
  })
    .argument('<directory>', 'where to')
    .option('--organisation <name>', 'what all three share', 'C=US,ST=California,L=San Diego,OU=OEM Key,O=FMP')
    .option('--root-name <name>', 'common name', 'OEM Root CA')
    .option('--sub-name <name>', 'common name', 'OEM Intermediate CA')
    .option('--leaf-name <name>', 'common name', 'OEM User')
    .option('--days <n>', 'validity', wholeNumber, 3650)
    .addOption(new Option('--bits <n>', 'RSA key size').choices(['2048', '3072', '4096']).default('2048'))
    .option('--passphrase-file <file>', 'its first line encrypts the private keys')
    .addOption(formatOption())
    .action(async (directory: string, { bits, ...options }: Omit<CertsOptions, 'bits'> & { readonly bits: string }) => {
      const { runCerts } = await import('../capsule/run-certs.ts');
      await runCerts(cli, directory, { ...options, bits: Number(bits) });
    });
