/* What Qualcomm's UEFI does between power and boot loader, as a program that stock OVMF starts first: takes capsules from the
 * ESP, counts trial boots, restores the old image, shows the ESRT, and starts systemd-boot. The images themselves are
 * numbers: nothing is flashed.
 *
 * Its own state lies in one boot-services variable, written before anything that follows from it, so that a power cut makes it
 * do the same thing again. Where the OS may read along (OsIndications, OsTrialBootStatus, ESRT) it keeps to [QC-CAPSULE-VARIABLES].
 */
#include <efi.h>
#include <efilib.h>
#include "board-config.h"
#include "verify.h"

#define KEPT (EFI_VARIABLE_NON_VOLATILE | EFI_VARIABLE_BOOTSERVICE_ACCESS)
#define SHARED (KEPT | EFI_VARIABLE_RUNTIME_ACCESS)
#define FILE_CAPSULE_DELIVERY 4ULL
#define TRIAL_ENABLED (1ULL << 16)
#define MOST_CAPSULES 32
#define NAME_LENGTH 128

static EFI_GUID GLOBAL = EFI_GLOBAL_VARIABLE;
static EFI_GUID PRIVATE = TEST_BOARD_GUID;
static EFI_GUID ESRT_TABLE = {0xb122a263, 0x3661, 0x4f68, {0x99, 0x29, 0x78, 0xf8, 0xb0, 0xd6, 0x21, 0x80}};
static EFI_GUID MEMORY_ATTRIBUTES_TABLE = {0xdcfa911d, 0x26eb, 0x469f, {0xa2, 0x20, 0x38, 0xb7, 0xdc, 0x46, 0x12, 0x20}};

/* What only the firmware knows. `previous` is the image from before an update that is not accepted yet, or 0. */
struct flash {
  UINT32 starts, running, lowest_supported, last_attempt_version, last_attempt_status, previous;
};

struct trial {
  UINT64 raw;
  UINTN width; /* 0 where there is no such variable */
};

/* What the test has asked this firmware to do wrong, once. */
enum fault { NO_FAULT, FORCE_STATUS, SPOIL_METADATA, STALE_ROW, IGNORE_REQUEST, FORGET_TRIAL, EARLY_ROLLBACK, REFUSE_ROLLBACK, HIDE_ESRT };
static struct { UINT8 kind, argument; } fault;

static UINTN get_variable(CHAR16 *name, EFI_GUID *guid, VOID *value, UINTN room) {
  UINTN size = room;
  return EFI_ERROR(uefi_call_wrapper(RT->GetVariable, 5, name, guid, NULL, &size, value)) ? 0 : size;
}

static VOID set_variable(CHAR16 *name, EFI_GUID *guid, UINT32 attributes, VOID *value, UINTN size) {
  EFI_STATUS status = uefi_call_wrapper(RT->SetVariable, 5, name, guid, attributes, size, value);
  if (EFI_ERROR(status) && status != EFI_NOT_FOUND) Print(L"FIRMWARE cannot write %s: %r\n", name, status);
}

static VOID reset(VOID) { uefi_call_wrapper(RT->ResetSystem, 4, EfiResetCold, EFI_SUCCESS, 0, NULL); }

static BOOLEAN has_fault(enum fault kind) {
  if (fault.kind != kind) return FALSE;
  fault.kind = NO_FAULT;
  set_variable(L"TestBoardFault", &PRIVATE, SHARED, NULL, 0);
  Print(L"FIRMWARE misbehaves as told: %d\n", kind);
  return TRUE;
}

/* Under the private GUID: see resident.c. */
static struct trial read_trial(VOID) {
  struct trial trial = {0, 0};
  UINTN size = get_variable(L"OsTrialBootStatus", &PRIVATE, &trial.raw, sizeof trial.raw);
  if (size == 4 || size == 8) trial.width = size;
  return trial;
}

static VOID write_trial(struct trial *trial, UINTN maximum, UINTN count, BOOLEAN enabled) {
  trial->raw &= ~(0xf00ULL | 0xf000ULL | TRIAL_ENABLED);
  trial->raw |= maximum << 8 | count << 12 | (enabled ? TRIAL_ENABLED : 0);
  set_variable(L"OsTrialBootStatus", &PRIVATE, SHARED, &trial->raw, trial->width);
}

static UINTN trial_maximum(struct trial *trial) { return (trial->raw >> 8) & 15; }
static UINTN trial_count(struct trial *trial) { return (trial->raw >> 12) & 15; }

static VOID save(struct flash *flash) { set_variable(L"TestBoardFlash", &PRIVATE, KEPT, flash, sizeof *flash); }

/* Where a board starts that was never started. */
static struct flash read_flash(VOID) {
  struct flash flash;
  if (get_variable(L"TestBoardFlash", &PRIVATE, &flash, sizeof flash) == sizeof flash) return flash;
  flash = (struct flash){.running = FACTORY_VERSION, .lowest_supported = FACTORY_LOWEST_SUPPORTED};
  UINT64 trial = FACTORY_TRIAL;
  set_variable(L"OsTrialBootStatus", &PRIVATE, SHARED, &trial, FACTORY_TRIAL_WIDTH);
  return flash;
}

/* --- capsules on the ESP */

struct capsule_list {
  CHAR16 name[MOST_CAPSULES][NAME_LENGTH];
  UINTN count;
};

static VOID insert_sorted(struct capsule_list *list, CHAR16 *name) {
  if (list->count == MOST_CAPSULES) return;
  UINTN at = list->count++;
  for (; at > 0 && StriCmp(list->name[at - 1], name) > 0; at--) StrCpy(list->name[at], list->name[at - 1]);
  StrCpy(list->name[at], name);
}

static VOID list_capsules(EFI_FILE *directory, struct capsule_list *list) {
  static UINT8 room[1024];
  list->count = 0;
  uefi_call_wrapper(directory->SetPosition, 2, directory, 0);
  for (;;) {
    UINTN size = sizeof room;
    if (EFI_ERROR(uefi_call_wrapper(directory->Read, 3, directory, &size, room)) || size == 0) return;
    EFI_FILE_INFO *info = (EFI_FILE_INFO *)room;
    UINTN length = StrLen(info->FileName);
    if ((info->Attribute & EFI_FILE_DIRECTORY) || length < 5 || length >= NAME_LENGTH) continue;
    if (StriCmp(info->FileName + length - 4, L".cap") == 0) insert_sorted(list, info->FileName);
  }
}

static struct bytes read_capsule(EFI_FILE *directory, CHAR16 *name) {
  struct bytes none = {NULL, 0};
  EFI_FILE *file;
  if (EFI_ERROR(uefi_call_wrapper(directory->Open, 5, directory, &file, name, EFI_FILE_MODE_READ, 0))) return none;
  EFI_FILE_INFO *info = LibFileInfo(file);
  UINTN size = info->FileSize;
  UINT8 *at = AllocatePool(size + 1);
  uefi_call_wrapper(file->Read, 3, file, &size, at);
  uefi_call_wrapper(file->Close, 1, file);
  FreePool(info);
  return (struct bytes){at, size};
}

static VOID remove_capsules(EFI_FILE *directory, struct capsule_list *list) {
  for (UINTN i = 0; i < list->count; i++) {
    EFI_FILE *file;
    UINT64 mode = EFI_FILE_MODE_READ | EFI_FILE_MODE_WRITE;
    if (EFI_ERROR(uefi_call_wrapper(directory->Open, 5, directory, &file, list->name[i], mode, 0))) continue;
    uefi_call_wrapper(file->Delete, 1, file);
  }
}

static VOID attempted(struct flash *flash, UINT32 version, UINT32 status) {
  flash->last_attempt_version = version;
  flash->last_attempt_status = status;
}

/* TRUE where an image was installed. */
static BOOLEAN take_capsule(struct flash *flash, CHAR16 *name, struct bytes capsule) {
  struct verdict verdict = judge_capsule(capsule, BOARD_CLASS, (struct bytes){TRUST_ANCHOR, sizeof TRUST_ANCHOR});
  if (has_fault(STALE_ROW)) {
    Print(L"FIRMWARE %s: dropped\n", name);
    return FALSE;
  }
  UINT8 forced = fault.argument;
  if (has_fault(FORCE_STATUS)) verdict.kind = REFUSED, verdict.status = forced, verdict.detail = "as told";
  if (has_fault(SPOIL_METADATA)) verdict.kind = METADATA_UNREADABLE, verdict.detail = "as told";
  if (verdict.kind == GENUINE && verdict.version < flash->lowest_supported)
    verdict.kind = REFUSED, verdict.status = ATTEMPT_INCORRECT_VERSION, verdict.detail = "below the floor";
  switch (verdict.kind) {
    case OTHER_BOARD:
      Print(L"FIRMWARE %s: %a\n", name, verdict.detail);
      return FALSE;
    case METADATA_UNREADABLE:
      Print(L"FIRMWARE %s: metadata unreadable: %a\n", name, verdict.detail);
      attempted(flash, 0, ATTEMPT_SUCCESS);
      return FALSE;
    case REFUSED:
      Print(L"FIRMWARE %s: refused %x, status %d: %a\n", name, verdict.version, verdict.status, verdict.detail);
      attempted(flash, verdict.version, verdict.status);
      return FALSE;
    case GENUINE:
      break;
  }
  Print(L"FIRMWARE %s: installed %x\n", name, verdict.version);
  if (flash->previous == 0) flash->previous = flash->running;
  flash->running = verdict.version;
  if (verdict.lowest_supported > flash->lowest_supported) flash->lowest_supported = verdict.lowest_supported;
  attempted(flash, verdict.version, ATTEMPT_SUCCESS);
  return TRUE;
}

/* --- OsIndications: stock OVMF drops bit 2 before any program runs, so the resident half keeps a copy of what was asked */

static UINT64 read_indications(VOID) {
  UINT64 asked = 0;
  if (get_variable(L"TestBoardIndications", &PRIVATE, &asked, sizeof asked) == 0)
    get_variable(L"OsIndications", &GLOBAL, &asked, sizeof asked);
  return asked;
}

static VOID clear_request(UINT64 asked) {
  UINT64 rest = asked & ~FILE_CAPSULE_DELIVERY;
  set_variable(L"TestBoardIndications", &PRIVATE, SHARED, &rest, sizeof rest);
  set_variable(L"OsIndications", &GLOBAL, SHARED, &rest, sizeof rest);
}

/* --- the way through one start */

/* An update that was accepted in the last boot and meets its successor: a rollback returns to it. */
static VOID accept_before(struct flash *flash, struct trial *trial) {
  if (flash->previous == 0 || (trial->raw & TRIAL_ENABLED)) return;
  flash->previous = 0;
  flash->lowest_supported = flash->running;
}

static VOID deliver(EFI_FILE *directory, struct capsule_list *list, struct flash *flash, struct trial *trial, UINT64 asked) {
  BOOLEAN installed = FALSE;
  accept_before(flash, trial);
  for (UINTN i = 0; i < list->count; i++) {
    struct bytes capsule = read_capsule(directory, list->name[i]);
    if (take_capsule(flash, list->name[i], capsule)) installed = TRUE;
    if (capsule.at != NULL) FreePool((VOID *)capsule.at);
  }
  save(flash);
  if (installed && (asked & FILE_CAPSULE_DELIVERY) && trial->width > 0 && trial_maximum(trial) > 0 && !has_fault(FORGET_TRIAL)) {
    write_trial(trial, trial_maximum(trial), 0, TRUE);
    Print(L"FIRMWARE trial of %d boots\n", trial_maximum(trial));
  }
  remove_capsules(directory, list);
  clear_request(asked);
  reset();
}

static VOID roll_back(struct flash *flash, struct trial *trial) {
  Print(L"FIRMWARE trial over, restored %x in place of %x\n", flash->previous, flash->running);
  attempted(flash, flash->running, ATTEMPT_SUCCESS);
  flash->running = flash->previous;
  flash->previous = 0;
  save(flash);
  write_trial(trial, 0, 0, FALSE);
  reset();
}

static VOID count_boot(struct flash *flash, struct trial *trial) {
  UINTN count = trial_count(trial) + 1, maximum = trial_maximum(trial);
  BOOLEAN over = count > maximum || has_fault(EARLY_ROLLBACK);
  if (!over) {
    write_trial(trial, maximum, count, TRUE);
    Print(L"FIRMWARE trial boot %d of %d\n", count, maximum);
  } else if (flash->previous == 0 || flash->previous < flash->lowest_supported || has_fault(REFUSE_ROLLBACK)) {
    Print(L"FIRMWARE trial over, but nothing below %x may run\n", flash->lowest_supported);
  } else {
    roll_back(flash, trial);
  }
}

static VOID accept(struct flash *flash, struct trial *trial) {
  if (flash->previous == 0) return;
  Print(L"FIRMWARE %x is accepted\n", flash->running);
  flash->previous = 0;
  flash->lowest_supported = flash->running;
  save(flash);
  if (trial->width > 0) write_trial(trial, 0, 0, FALSE);
}

#pragma pack(1)
struct esrt {
  UINT32 count, maximum;
  UINT64 version;
  UINT8 firmware_class[16];
  UINT32 type, running, lowest_supported, flags, last_attempt_version, last_attempt_status;
};
#pragma pack()

static VOID show_esrt(struct flash *flash) {
  struct esrt *table;
  if (has_fault(HIDE_ESRT)) return;
  uefi_call_wrapper(BS->AllocatePool, 3, EfiBootServicesData, sizeof *table, (VOID **)&table);
  *table = (struct esrt){.count = 1, .maximum = 1, .version = 1, .type = 1, .running = flash->running};
  CopyMem(table->firmware_class, (VOID *)BOARD_CLASS, sizeof BOARD_CLASS);
  table->lowest_supported = flash->lowest_supported;
  table->last_attempt_version = flash->last_attempt_version;
  table->last_attempt_status = flash->last_attempt_status;
  uefi_call_wrapper(BS->InstallConfigurationTable, 2, &ESRT_TABLE, table);
}

static EFI_STATUS start(EFI_HANDLE image, EFI_HANDLE device, CHAR16 *path) {
  EFI_HANDLE loaded;
  EFI_STATUS status = uefi_call_wrapper(BS->LoadImage, 6, FALSE, image, FileDevicePath(device, path), NULL, 0, &loaded);
  if (!EFI_ERROR(status)) status = uefi_call_wrapper(BS->StartImage, 3, loaded, NULL, NULL);
  if (EFI_ERROR(status)) Print(L"FIRMWARE %s: %r\n", path, status);
  return status;
}

static VOID run_capsules_or_trial(EFI_HANDLE device, struct flash *flash) {
  static struct capsule_list list;
  EFI_FILE *root = LibOpenRoot(device), *directory = NULL;
  UINT64 mode = EFI_FILE_MODE_READ | EFI_FILE_MODE_WRITE, asked = read_indications();
  struct trial trial = read_trial();
  list.count = 0;
  if (root != NULL) uefi_call_wrapper(root->Open, 5, root, &directory, L"\\EFI\\UpdateCapsule", mode, 0);
  if (directory != NULL) list_capsules(directory, &list);
  BOOLEAN wanted = trial.width == 0 || (asked & FILE_CAPSULE_DELIVERY);
  if (wanted && list.count > 0 && !has_fault(IGNORE_REQUEST)) deliver(directory, &list, flash, &trial, asked);
  if (list.count == 0 && (asked & FILE_CAPSULE_DELIVERY)) clear_request(asked);
  else set_variable(L"OsIndications", &GLOBAL, SHARED, &asked, sizeof asked);
  if (trial.width > 0 && (trial.raw & TRIAL_ENABLED)) count_boot(flash, &trial);
  else accept(flash, &trial);
  if (directory != NULL) uefi_call_wrapper(directory->Close, 1, directory);
  if (root != NULL) uefi_call_wrapper(root->Close, 1, root);
}

EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system) {
  EFI_LOADED_IMAGE *self;
  InitializeLib(image, system);
  uefi_call_wrapper(BS->HandleProtocol, 3, image, &LoadedImageProtocol, (VOID **)&self);
  struct flash flash = read_flash();
  flash.starts++;
  save(&flash);
  get_variable(L"TestBoardFault", &PRIVATE, &fault, sizeof fault);
  Print(L"\nFIRMWARE start %d version %x\n", flash.starts, flash.running);
  run_capsules_or_trial(self->DeviceHandle, &flash);
  show_esrt(&flash);
  start(image, self->DeviceHandle, L"\\EFI\\test-board\\resident.efi");
  /* edk2 lists a driver's pages as not executable in this table; without it Linux maps all runtime code to be run. */
  uefi_call_wrapper(BS->InstallConfigurationTable, 2, &MEMORY_ATTRIBUTES_TABLE, NULL);
  return start(image, self->DeviceHandle, L"\\EFI\\systemd\\systemd-bootx64.efi");
}
