// Where a partition can live, the codes that the metadata uses for it, and which of them a flash type has.

const DISK_TYPE_CODES = {
  EMMC_PARTITION_USER_DATA: 0,
  EMMC_PARTITION_BOOT1: 1,
  EMMC_PARTITION_BOOT2: 2,
  EMMC_PARTITION_RPMB: 3,
  EMMC_PARTITION_GPP1: 4,
  EMMC_PARTITION_GPP2: 5,
  EMMC_PARTITION_GPP3: 6,
  EMMC_PARTITION_GPP4: 7,
  UFS_LUN0: 8,
  UFS_LUN1: 9,
  UFS_LUN2: 10,
  UFS_LUN3: 11,
  UFS_LUN4: 12,
  UFS_LUN5: 13,
  UFS_LUN6: 14,
  UFS_LUN7: 15,
  SPINOR: 16,
  NVME: 17,
} as const;

export type DiskType = keyof typeof DISK_TYPE_CODES;
export type FlashType = 'UFS' | 'EMMC' | 'NORUFS' | 'NORNVME';
export const FLASH_TYPES = ['UFS', 'EMMC', 'NORUFS', 'NORNVME'] as const satisfies readonly FlashType[];

// Object.entries forgets the key type that the table above fixes.
const NAMES = new Map(Object.entries(DISK_TYPE_CODES).map(([name, code]) => [code as number, name as DiskType]));

export const diskTypeCode = (diskType: DiskType): number => DISK_TYPE_CODES[diskType];
export const diskTypeName = (code: number): DiskType | undefined => NAMES.get(code);
/** Case does not matter, as in the reference tool. */
export const parseDiskType = (text: string): DiskType | undefined =>
  [...NAMES.values()].find(name => name === text.toUpperCase());
export const parseFlashType = (text: string): FlashType | undefined =>
  FLASH_TYPES.find(name => name === text.toUpperCase());

const within = (first: number, last: number) => (code: number) => code >= first && code <= last;

const FITS = {
  UFS: within(8, 15),
  EMMC: within(0, 7),
  NORUFS: code => code === 8 || code === 16,
  NORNVME: code => code === 16 || code === 17,
} as const satisfies Record<FlashType, (code: number) => boolean>;

export const diskFitsFlash = (code: number, flash: FlashType): boolean => FITS[flash](code);

/** True where one flash type has all of these disks. */
export const disksFitTogether = (codes: readonly number[]): boolean =>
  FLASH_TYPES.some(flash => codes.every(code => diskFitsFlash(code, flash)));
