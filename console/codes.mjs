// What error codes mean: facts about Windows, Intune's agent and shells.
// It knows neither run states nor pages. A code that is not in a table stays a number.

// Win32 errors, which are exit codes as well. An HRESULT 0x8007nnnn has the error nnnn.
// Names from winerror.h, wininet.h and winhttp.h.
const WIN32 = {
  1: ["ERROR_INVALID_FUNCTION", "the script ended with an error"],
  2: ["ERROR_FILE_NOT_FOUND", "file not found"],
  3: ["ERROR_PATH_NOT_FOUND", "path not found"],
  5: ["ERROR_ACCESS_DENIED", "access is denied"],
  6: ["ERROR_INVALID_HANDLE", "the handle is not valid"],
  8: ["ERROR_NOT_ENOUGH_MEMORY", "not enough memory"],
  13: ["ERROR_INVALID_DATA", "the data is not valid"],
  14: ["ERROR_OUTOFMEMORY", "not enough memory"],
  19: ["ERROR_WRITE_PROTECT", "the medium is write-protected"],
  21: ["ERROR_NOT_READY", "the device is not ready"],
  32: ["ERROR_SHARING_VIOLATION", "another process uses the file"],
  33: ["ERROR_LOCK_VIOLATION", "another process has locked a part of the file"],
  39: ["ERROR_HANDLE_DISK_FULL", "the disk is full"],
  50: ["ERROR_NOT_SUPPORTED", "the request is not supported"],
  53: ["ERROR_BAD_NETPATH", "the network path was not found"],
  64: ["ERROR_NETNAME_DELETED", "the network name is no longer available"],
  65: ["ERROR_NETWORK_ACCESS_DENIED", "network access is denied"],
  67: ["ERROR_BAD_NET_NAME", "the network name cannot be found"],
  80: ["ERROR_FILE_EXISTS", "the file exists"],
  85: ["ERROR_ALREADY_ASSIGNED", "the local device name is already in use"],
  86: ["ERROR_INVALID_PASSWORD", "the network password is not correct"],
  87: ["ERROR_INVALID_PARAMETER", "a parameter is not correct"],
  112: ["ERROR_DISK_FULL", "not enough space on the disk"],
  120: ["ERROR_CALL_NOT_IMPLEMENTED", "the function is not supported on this system"],
  122: ["ERROR_INSUFFICIENT_BUFFER", "the buffer is too small"],
  123: ["ERROR_INVALID_NAME", "the name of a file, directory or volume is not valid"],
  126: ["ERROR_MOD_NOT_FOUND", "module not found; for a shell: the command cannot be run"],
  127: ["ERROR_PROC_NOT_FOUND", "procedure not found; for a shell: command not found"],
  145: ["ERROR_DIR_NOT_EMPTY", "the directory is not empty"],
  170: ["ERROR_BUSY", "the resource is in use"],
  183: ["ERROR_ALREADY_EXISTS", "the object already exists"],
  193: ["ERROR_BAD_EXE_FORMAT", "not a valid Win32 application"],
  206: ["ERROR_FILENAME_EXCED_RANGE", "the name of the file is too long"],
  216: ["ERROR_EXE_MACHINE_TYPE_MISMATCH", "the program is for another processor architecture"],
  258: ["WAIT_TIMEOUT", "the wait timed out"],
  259: ["ERROR_NO_MORE_ITEMS", "no more data; also: the process still runs"],
  267: ["ERROR_DIRECTORY", "the name of the directory is not valid"],
  575: ["ERROR_APP_INIT_FAILURE", "the application could not start"],
  740: ["ERROR_ELEVATION_REQUIRED", "elevation is required"],
  995: ["ERROR_OPERATION_ABORTED", "the operation was aborted"],
  997: ["ERROR_IO_PENDING", "an overlapped operation is in progress"],
  1053: ["ERROR_SERVICE_REQUEST_TIMEOUT", "the service did not answer in time"],
  1056: ["ERROR_SERVICE_ALREADY_RUNNING", "the service already runs"],
  1058: ["ERROR_SERVICE_DISABLED", "the service is disabled"],
  1060: ["ERROR_SERVICE_DOES_NOT_EXIST", "the service is not installed"],
  1062: ["ERROR_SERVICE_NOT_ACTIVE", "the service has not been started"],
  1069: ["ERROR_SERVICE_LOGON_FAILED", "the service could not sign in"],
  1072: ["ERROR_SERVICE_MARKED_FOR_DELETE", "the service is marked for deletion"],
  1168: ["ERROR_NOT_FOUND", "element not found"],
  1219: ["ERROR_SESSION_CREDENTIAL_CONFLICT", "connected to that server as another user"],
  1223: ["ERROR_CANCELLED", "the user cancelled the operation"],
  1231: ["ERROR_NETWORK_UNREACHABLE", "the network cannot be reached"],
  1256: ["ERROR_HOST_DOWN", "the remote system is not available"],
  1311: ["ERROR_NO_LOGON_SERVERS", "no domain controller is available"],
  1314: ["ERROR_PRIVILEGE_NOT_HELD", "a required privilege is not held"],
  1326: ["ERROR_LOGON_FAILURE", "the user name or password is not correct"],
  1332: ["ERROR_NONE_MAPPED", "no account has that name"],
  1355: ["ERROR_NO_SUCH_DOMAIN", "the domain does not exist or cannot be reached"],
  1376: ["ERROR_NO_SUCH_ALIAS", "the local group does not exist"],
  1378: ["ERROR_MEMBER_IN_ALIAS", "the account is already a member of the group"],
  1450: ["ERROR_NO_SYSTEM_RESOURCES", "not enough system resources"],
  1460: ["ERROR_TIMEOUT", "the operation timed out"],
  1602: ["ERROR_INSTALL_USEREXIT", "the user cancelled the installation"],
  1603: ["ERROR_INSTALL_FAILURE", "a fatal error during the installation"],
  1605: ["ERROR_UNKNOWN_PRODUCT", "the product is not installed"],
  1612: ["ERROR_INSTALL_SOURCE_ABSENT", "the source of the installation is not available"],
  1618: ["ERROR_INSTALL_ALREADY_RUNNING", "another installation is in progress"],
  1619: ["ERROR_INSTALL_PACKAGE_OPEN_FAILED", "the package could not be opened"],
  1625: ["ERROR_INSTALL_PACKAGE_REJECTED", "a policy forbids the installation"],
  1633: ["ERROR_INSTALL_PLATFORM_UNSUPPORTED", "the package is not for this processor architecture"],
  1638: ["ERROR_PRODUCT_VERSION", "another version of the product is installed"],
  1641: ["ERROR_SUCCESS_REBOOT_INITIATED", "installed; a restart has begun"],
  1722: ["RPC_S_SERVER_UNAVAILABLE", "the RPC server is not available"],
  1726: ["RPC_S_CALL_FAILED", "the remote procedure call failed"],
  1792: ["ERROR_NETLOGON_NOT_STARTED", "the Netlogon service is not started"],
  1909: ["ERROR_ACCOUNT_LOCKED_OUT", "the account is locked"],
  2202: ["ERROR_BAD_USERNAME", "the user name is not valid"],
  2250: ["ERROR_NOT_CONNECTED", "the network connection does not exist"],
  3010: ["ERROR_SUCCESS_REBOOT_REQUIRED", "done; a restart is required"],
  5023: ["ERROR_INVALID_STATE", "the resource is not in a state for this"],
  12002: ["ERROR_INTERNET_TIMEOUT", "the request timed out"],
  12007: ["ERROR_INTERNET_NAME_NOT_RESOLVED", "the server's name could not be resolved"],
  12029: ["ERROR_INTERNET_CANNOT_CONNECT", "no connection to the server"],
  12030: ["ERROR_INTERNET_CONNECTION_ABORTED", "the connection was aborted"],
  12031: ["ERROR_INTERNET_CONNECTION_RESET", "the connection was reset"],
  12038: ["ERROR_INTERNET_SEC_CERT_CN_INVALID", "the certificate has another name"],
  12045: ["ERROR_INTERNET_INVALID_CA", "the authority of the certificate is not trusted"],
  12152: ["ERROR_HTTP_INVALID_SERVER_RESPONSE", "the server's response is not valid"],
  12175: ["ERROR_WINHTTP_SECURE_FAILURE", "TLS failed: a certificate, or the clock of the device"],
};

// HRESULTs and NTSTATUS values, as unsigned numbers.
const RESULTS = {
  0x80004001: ["E_NOTIMPL", "not implemented"],
  0x80004002: ["E_NOINTERFACE", "no such interface"],
  0x80004004: ["E_ABORT", "the operation was aborted"],
  0x80004005: ["E_FAIL", "unspecified error"],
  0x8000ffff: ["E_UNEXPECTED", "unexpected failure"],
  0x80010108: ["RPC_E_DISCONNECTED", "the object has lost its clients"],
  0x80040154: ["REGDB_E_CLASSNOTREG", "the class is not registered"],
  0x80041002: ["WBEM_E_NOT_FOUND", "WMI: not found"],
  0x80041003: ["WBEM_E_ACCESS_DENIED", "WMI: access is denied"],
  0x8004100e: ["WBEM_E_INVALID_NAMESPACE", "WMI: the namespace does not exist"],
  0x80041010: ["WBEM_E_INVALID_CLASS", "WMI: the class does not exist"],
  0x80041017: ["WBEM_E_INVALID_QUERY", "WMI: the query is not valid"],
  0x80073cf3: ["ERROR_INSTALL_RESOLVE_DEPENDENCY_FAILED", "a dependency of the app package is missing"],
  0x80073cf9: ["ERROR_INSTALL_FAILED", "the app package could not be installed"],
  0x80073cfa: ["ERROR_REMOVE_FAILED", "the app package could not be removed"],
  0x80073cfb: ["ERROR_PACKAGE_ALREADY_EXISTS", "the app package is already installed"],
  0x80073d02: ["ERROR_PACKAGES_IN_USE", "the app package is in use"],
  0x800b0100: ["TRUST_E_NOSIGNATURE", "there is no signature"],
  0x800b0101: ["CERT_E_EXPIRED", "a certificate has expired"],
  0x800b0109: ["CERT_E_UNTRUSTEDROOT", "the root certificate is not trusted"],
  0x800b010f: ["CERT_E_CN_NO_MATCH", "the certificate has another name"],
  0x800f081f: ["CBS_E_SOURCE_MISSING", "the source files of the feature were not found"],
  0x800f0831: ["CBS_E_STORE_CORRUPTION", "the component store is corrupt"],
  0x800f0922: ["CBS_E_INSTALLERS_FAILED", "an installer of the update failed"],
  0x800f0954: ["CBS_E_INVALID_WINDOWS_UPDATE_COUNT_WSUS", "the feature is not offered by WSUS"],
  0x80131500: ["COR_E_EXCEPTION", "an exception of .NET"],
  0x80131501: ["COR_E_SYSTEM", "a system exception of .NET"],
  0x80131509: ["COR_E_INVALIDOPERATION", ".NET: the operation is not valid in this state"],
  0x80131620: ["COR_E_IO", ".NET: an error of input or output"],
  0x80090016: ["NTE_BAD_KEYSET", "the key set does not exist"],
  0x8009030e: ["SEC_E_NO_CREDENTIALS", "there are no credentials"],
  0x80092004: ["CRYPT_E_NOT_FOUND", "the certificate or the property was not found"],
  0x80240016: ["WU_E_INSTALL_NOT_ALLOWED", "Windows Update: another installation, or a restart is pending"],
  0x80240022: ["WU_E_ALL_UPDATES_FAILED", "Windows Update: no update could be installed"],
  0x80240034: ["WU_E_DOWNLOAD_FAILED", "Windows Update: the download failed"],
  0x8024002e: ["WU_E_WU_DISABLED", "Windows Update: the server is not allowed"],
  0x80240438: ["WU_E_PT_ENDPOINT_UNREACHABLE", "Windows Update: no route to the service"],
  0x80240fff: ["WU_E_UNEXPECTED", "Windows Update: unexpected error"],
  0x8024401c: ["WU_E_PT_HTTP_STATUS_REQUEST_TIMEOUT", "Windows Update: the server timed out"],
  0x80244022: ["WU_E_PT_HTTP_STATUS_SERVICE_UNAVAIL", "Windows Update: the service is overloaded"],
  0x8024402c: ["WU_E_PT_WINHTTP_NAME_NOT_RESOLVED", "Windows Update: the server's name could not be resolved"],
  0x80280800: ["TPM_E_RETRY", "the TPM is busy"],
  0x80284008: ["TBS_E_SERVICE_NOT_RUNNING", "the TPM service does not run"],
  0x8028400f: ["TBS_E_TPM_NOT_FOUND", "no compatible TPM was found"],
  0x80310000: ["FVE_E_LOCKED_VOLUME", "BitLocker: the drive is locked"],
  0x80310001: ["FVE_E_NOT_ENCRYPTED", "BitLocker: the drive is not encrypted"],
  0x80310008: ["FVE_E_NOT_ACTIVATED", "BitLocker is not enabled on the drive"],
  0x80310012: ["FVE_E_SYSTEM_VOLUME", "BitLocker: the drive is the system partition"],
  0x80310015: ["FVE_E_NOT_SUPPORTED", "BitLocker: the drive cannot be encrypted"],
  0x8031002c: ["FVE_E_POLICY_PASSWORD_REQUIRED", "BitLocker: a policy requires a recovery password"],
  0x80310031: ["FVE_E_PROTECTOR_EXISTS", "BitLocker: only one key protector of this type is allowed"],
  0x80310033: ["FVE_E_PROTECTOR_NOT_FOUND", "BitLocker: the key protector was not found"],
  0x8031004d: ["FVE_E_DRY_RUN_FAILED", "BitLocker: the hardware test failed"],
  0x803100b5: ["FVE_E_NO_PREBOOT_KEYBOARD_DETECTED", "BitLocker: no keyboard before the start of Windows"],
  0x87d00213: ["", "the time for the installation was over"],
  0x87d00324: ["", "the app was not detected after its installation"],
  0x87d1041c: ["", "the app was not detected after its installation"],
  0x87d101f4: ["", "Intune: the setting is in error"],
  0x87d1fde8: ["", "Intune: the remediation failed"],
  0x87d300c9: ["", "Intune: the process may have timed out"],
  0xc0000005: ["STATUS_ACCESS_VIOLATION", "the process crashed: access violation"],
  0xc000013a: ["STATUS_CONTROL_C_EXIT", "the process was interrupted"],
  0xc0000135: ["STATUS_DLL_NOT_FOUND", "a DLL was not found"],
  0xc0000142: ["STATUS_DLL_INIT_FAILED", "a DLL could not start"],
};

// Exit codes that have another meaning for Intune's agent or a Unix shell than for Win32.
const EXITS = {
  99: ["", "Intune: the script wrote to the error stream or ended with an error"],
  130: ["SIGINT", "interrupted"],
  134: ["SIGABRT", "the process aborted"],
  137: ["SIGKILL", "the process was killed"],
  139: ["SIGSEGV", "the process crashed"],
  143: ["SIGTERM", "the process was terminated"],
  2147483647: ["", "Intune: the script ran too long and was killed"],
};

/** The number of facts, for the tests. */
export const FACTS = [WIN32, RESULTS, EXITS].reduce((sum, table) => sum + Object.keys(table).length, 0);

/**
 * An error code in all its forms: `{ decimal, hex, name, meaning }`. `hex` is empty for a small
 * exit code; `name` and `meaning` are empty if no table has the code. 0 is no error.
 */
export function describe(code) {
  const decimal = String(code);
  if (code === 0) return { decimal, hex: "", name: "", meaning: "no error" };
  const unsigned = code >>> 0;
  const small = code > 0 && code < 0x10000;
  const hex = small ? "" : `0x${unsigned.toString(16).toUpperCase().padStart(8, "0")}`;
  const [name, meaning] = fact(unsigned, small) ?? ["", ""];
  return { decimal, hex, name, meaning };
}

/** The short form for a list: hex for an HRESULT, decimal for an exit code. */
export function short(code) {
  const { decimal, hex } = describe(code);
  return hex || decimal;
}

function fact(unsigned, small) {
  if (EXITS[unsigned]) return EXITS[unsigned];
  if (small) return WIN32[unsigned];
  if (RESULTS[unsigned]) return RESULTS[unsigned];
  return unsigned >>> 16 === 0x8007 ? WIN32[unsigned & 0xffff] : undefined;
}
