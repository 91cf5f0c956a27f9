/* The half of the board's firmware that stays while Linux runs: shows that capsules are taken from the ESP
 * (OsIndicationsSupported bit 2), keeps a copy of OsIndications, from
 * which stock OVMF drops that bit at the next start, and shows OsTrialBootStatus where Qualcomm has it. */
#include <efi.h>
#include <efilib.h>
#include "board-config.h"

#define FILE_CAPSULE_DELIVERY 4ULL
#define SHARED (EFI_VARIABLE_NON_VOLATILE | EFI_VARIABLE_BOOTSERVICE_ACCESS | EFI_VARIABLE_RUNTIME_ACCESS)

static EFI_GUID GLOBAL = EFI_GLOBAL_VARIABLE;
static EFI_GUID PRIVATE = TEST_BOARD_GUID;
static CHAR16 COPY[] = L"TestBoardIndications";
static CHAR16 INDICATIONS[] = L"OsIndications";
static CHAR16 SUPPORTED[] = L"OsIndicationsSupported";
static CHAR16 TRIAL[] = L"OsTrialBootStatus";
static EFI_RUNTIME_SERVICES *services;
static EFI_GET_VARIABLE next_get;
static EFI_SET_VARIABLE next_set;
static EFI_GET_NEXT_VARIABLE_NAME next_name;

static BOOLEAN is_of(EFI_GUID *space, CHAR16 *name, EFI_GUID *guid, CHAR16 *wanted) {
  UINT64 *a = (UINT64 *)guid, *b = (UINT64 *)space;
  if (name == NULL || guid == NULL || a[0] != b[0] || a[1] != b[1]) return FALSE;
  while (*name != 0 && *name == *wanted) name++, wanted++;
  return *name == *wanted;
}

static BOOLEAN is_global(CHAR16 *name, EFI_GUID *guid, CHAR16 *wanted) { return is_of(&GLOBAL, name, guid, wanted); }

/* edk2 refuses names that it does not know under the global GUID: the trial variable lies under the private one. */
static EFI_GUID *stored_under(CHAR16 *name, EFI_GUID *guid) { return is_global(name, guid, TRIAL) ? &PRIVATE : guid; }

static EFI_STATUS EFIAPI get_variable(CHAR16 *name, EFI_GUID *guid, UINT32 *attributes, UINTN *size, VOID *value) {
  EFI_STATUS status = next_get(name, stored_under(name, guid), attributes, size, value);
  if (status == EFI_SUCCESS && value != NULL && *size == 8 && is_global(name, guid, SUPPORTED))
    *(UINT64 *)value |= FILE_CAPSULE_DELIVERY;
  return status;
}

static EFI_STATUS EFIAPI set_variable(CHAR16 *name, EFI_GUID *guid, UINT32 attributes, UINTN size, VOID *value) {
  EFI_STATUS status = next_set(name, stored_under(name, guid), attributes, size, value);
  if (status == EFI_SUCCESS && (size == 8 || size == 0) && is_global(name, guid, INDICATIONS))
    next_set(COPY, &PRIVATE, SHARED, size, value);
  return status;
}

static EFI_STATUS EFIAPI get_next_name(UINTN *size, CHAR16 *name, EFI_GUID *guid) {
  if (is_global(name, guid, TRIAL)) *guid = PRIVATE;
  EFI_STATUS status = next_name(size, name, guid);
  if (status == EFI_SUCCESS && is_of(&PRIVATE, name, guid, TRIAL)) *guid = GLOBAL;
  return status;
}

static VOID EFIAPI to_virtual(EFI_EVENT event, VOID *context) {
  (void)event, (void)context;
  services->ConvertPointer(0, (VOID **)&next_get);
  services->ConvertPointer(0, (VOID **)&next_set);
  services->ConvertPointer(0, (VOID **)&next_name);
}

EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system) {
  EFI_EVENT event;
  (void)image;
  services = system->RuntimeServices;
  EFI_STATUS status = system->BootServices->CreateEvent(EVT_SIGNAL_VIRTUAL_ADDRESS_CHANGE, TPL_NOTIFY, to_virtual, NULL, &event);
  if (EFI_ERROR(status)) return status;
  next_get = services->GetVariable;
  next_set = services->SetVariable;
  next_name = services->GetNextVariableName;
  services->GetVariable = get_variable;
  services->SetVariable = set_variable;
  services->GetNextVariableName = get_next_name;
  services->Hdr.CRC32 = 0;
  return system->BootServices->CalculateCrc32(services, services->Hdr.HeaderSize, &services->Hdr.CRC32);
}
