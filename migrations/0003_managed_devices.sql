-- Managed devices: the devices of a tenant, with all properties that Graph gives them. A run state may
-- refer to one (`managed_device_id` of `device_state`).
--
-- Of the enum types below only this table has columns. Properties whose value is a complex type or a
-- collection of one are `json`.

CREATE TYPE chassis_type AS ENUM
    ('unknown',
     'desktop',
     'laptop',
     'worksWorkstation',
     'enterpriseServer',
     'phone',
     'tablet',
     'mobileOther',
     'mobileUnknown');

CREATE TYPE compliance_state AS ENUM
    ('unknown',
     'compliant',
     'noncompliant',
     'conflict',
     'error',
     'inGracePeriod',
     'configManager');

CREATE TYPE device_enrollment_type AS ENUM
    ('unknown',
     'userEnrollment',
     'deviceEnrollmentManager',
     'appleBulkWithUser',
     'appleBulkWithoutUser',
     'windowsAzureADJoin',
     'windowsBulkUserless',
     'windowsAutoEnrollment',
     'windowsBulkAzureDomainJoin',
     'windowsCoManagement',
     'windowsAzureADJoinUsingDeviceAuth',
     'appleUserEnrollment',
     'appleUserEnrollmentWithServiceAccount',
     'azureAdJoinUsingAzureVmExtension',
     'androidEnterpriseDedicatedDevice',
     'androidEnterpriseFullyManaged',
     'androidEnterpriseCorporateWorkProfile',
     'unknownFutureValue',
     'androidAOSPUserOwnedDeviceEnrollment',
     'androidAOSPUserlessDeviceEnrollment',
     'appleAccountDrivenUserEnrollment');

CREATE TYPE device_management_exchange_access_state AS ENUM
    ('none',
     'unknown',
     'allowed',
     'blocked',
     'quarantined');

CREATE TYPE device_management_exchange_access_state_reason AS ENUM
    ('none',
     'unknown',
     'exchangeGlobalRule',
     'exchangeIndividualRule',
     'exchangeDeviceRule',
     'exchangeUpgrade',
     'exchangeMailboxPolicy',
     'other',
     'compliant',
     'notCompliant',
     'notEnrolled',
     'unknownLocation',
     'mfaRequired',
     'azureADBlockDueToAccessPolicy',
     'compromisedPassword',
     'deviceNotKnownWithManagedApp');

CREATE TYPE device_registration_state AS ENUM
    ('notRegistered',
     'registered',
     'revoked',
     'keyConflict',
     'approvalPending',
     'certificateReset',
     'notRegisteredPendingEnrollment',
     'unknown');

CREATE TYPE device_type AS ENUM
    ('desktop',
     'windowsRT',
     'winMO6',
     'nokia',
     'windowsPhone',
     'mac',
     'winCE',
     'winEmbedded',
     'iPhone',
     'iPad',
     'iPod',
     'android',
     'iSocConsumer',
     'unix',
     'macMDM',
     'holoLens',
     'surfaceHub',
     'androidForWork',
     'androidEnterprise',
     'windows10x',
     'androidnGMS',
     'chromeOS',
     'linux',
     'blackberry',
     'palm',
     'unknown',
     'cloudPC',
     'visionOS',
     'tvOS');

CREATE TYPE join_type AS ENUM
    ('unknown',
     'azureADJoined',
     'azureADRegistered',
     'hybridAzureADJoined');

CREATE TYPE lost_mode_state AS ENUM
    ('disabled',
     'enabled');

CREATE TYPE managed_device_architecture AS ENUM
    ('unknown',
     'x86',
     'x64',
     'arm',
     'arM64');

CREATE TYPE managed_device_management_features AS ENUM
    ('none',
     'microsoftManagedDesktop');

CREATE TYPE managed_device_owner_type AS ENUM
    ('unknown',
     'company',
     'personal',
     'unknownFutureValue');

CREATE TYPE managed_device_partner_reported_health_state AS ENUM
    ('unknown',
     'activated',
     'deactivated',
     'secured',
     'lowSeverity',
     'mediumSeverity',
     'highSeverity',
     'unresponsive',
     'compromised',
     'misconfigured');

CREATE TYPE management_agent_type AS ENUM
    ('eas',
     'mdm',
     'easMdm',
     'intuneClient',
     'easIntuneClient',
     'configurationManagerClient',
     'configurationManagerClientMdm',
     'configurationManagerClientMdmEas',
     'unknown',
     'jamf',
     'googleCloudDevicePolicyController',
     'microsoft365ManagedMdm',
     'msSense',
     'intuneAosp',
     'google',
     'unknownFutureValue');

CREATE TYPE management_state AS ENUM
    ('managed',
     'retirePending',
     'retireFailed',
     'wipePending',
     'wipeFailed',
     'unhealthy',
     'deletePending',
     'retireIssued',
     'wipeIssued',
     'wipeCanceled',
     'retireCanceled',
     'discovered',
     'unknownFutureValue');

CREATE TYPE owner_type AS ENUM
    ('unknown',
     'company',
     'personal');

CREATE TABLE managed_device (
    tenant_id uuid NOT NULL,
    id text COLLATE "C" NOT NULL,
    aad_registered boolean,
    activation_lock_bypass_code text COLLATE "C",
    android_security_patch_level text COLLATE "C",
    autopilot_enrolled boolean NOT NULL,
    azure_active_directory_device_id text COLLATE "C",
    azure_ad_device_id text COLLATE "C",
    azure_ad_registered boolean,
    bootstrap_token_escrowed boolean NOT NULL,
    chassis_type chassis_type NOT NULL,
    chrome_os_device_info json NOT NULL,
    compliance_grace_period_expiration_date_time bigint NOT NULL,
    compliance_grace_period_expiration_date_time_offset smallint NOT NULL,
    compliance_state compliance_state NOT NULL,
    configuration_manager_client_enabled_features json,
    configuration_manager_client_health_state json,
    configuration_manager_client_information json,
    device_action_results json NOT NULL,
    device_category_display_name text COLLATE "C",
    device_enrollment_type device_enrollment_type NOT NULL,
    device_firmware_configuration_interface_managed boolean NOT NULL,
    device_health_attestation_state json,
    device_name text COLLATE "C",
    device_registration_state device_registration_state NOT NULL,
    device_type device_type NOT NULL,
    eas_activated boolean NOT NULL,
    eas_activation_date_time bigint NOT NULL,
    eas_activation_date_time_offset smallint NOT NULL,
    eas_device_id text COLLATE "C",
    email_address text COLLATE "C",
    enrolled_date_time bigint NOT NULL,
    enrolled_date_time_offset smallint NOT NULL,
    enrollment_profile_name text COLLATE "C",
    ethernet_mac_address text COLLATE "C",
    exchange_access_state device_management_exchange_access_state NOT NULL,
    exchange_access_state_reason device_management_exchange_access_state_reason NOT NULL,
    exchange_last_successful_sync_date_time bigint NOT NULL,
    exchange_last_successful_sync_date_time_offset smallint NOT NULL,
    free_storage_space_in_bytes bigint NOT NULL,
    hardware_information json,
    iccid text COLLATE "C",
    imei text COLLATE "C",
    is_encrypted boolean NOT NULL,
    is_supervised boolean NOT NULL,
    jail_broken text COLLATE "C",
    join_type join_type NOT NULL,
    last_sync_date_time bigint NOT NULL,
    last_sync_date_time_offset smallint NOT NULL,
    lost_mode_state lost_mode_state NOT NULL,
    managed_device_name text COLLATE "C",
    managed_device_owner_type managed_device_owner_type NOT NULL,
    management_agent management_agent_type NOT NULL,
    management_certificate_expiration_date bigint NOT NULL,
    management_certificate_expiration_date_offset smallint NOT NULL,
    management_features managed_device_management_features NOT NULL,
    management_state management_state NOT NULL,
    manufacturer text COLLATE "C",
    meid text COLLATE "C",
    model text COLLATE "C",
    notes text COLLATE "C",
    operating_system text COLLATE "C",
    os_version text COLLATE "C",
    owner_type owner_type NOT NULL,
    partner_reported_threat_state managed_device_partner_reported_health_state NOT NULL,
    phone_number text COLLATE "C",
    physical_memory_in_bytes bigint NOT NULL,
    prefer_mdm_over_group_policy_applied_date_time bigint NOT NULL,
    prefer_mdm_over_group_policy_applied_date_time_offset smallint NOT NULL,
    processor_architecture managed_device_architecture NOT NULL,
    remote_assistance_session_error_details text COLLATE "C",
    remote_assistance_session_url text COLLATE "C",
    require_user_enrollment_approval boolean,
    retire_after_date_time bigint NOT NULL,
    retire_after_date_time_offset smallint NOT NULL,
    role_scope_tag_ids text[] COLLATE "C" NOT NULL,
    serial_number text COLLATE "C",
    sku_family text COLLATE "C",
    sku_number integer NOT NULL,
    specification_version text COLLATE "C",
    subscriber_carrier text COLLATE "C",
    total_storage_space_in_bytes bigint NOT NULL,
    udid text COLLATE "C",
    user_display_name text COLLATE "C",
    user_id text COLLATE "C",
    user_principal_name text COLLATE "C",
    users_logged_on json NOT NULL,
    wi_fi_mac_address text COLLATE "C",
    windows_active_malware_count integer NOT NULL,
    windows_remediated_malware_count integer NOT NULL,
    enrolled_by_user_principal_name text COLLATE "C",
    security_patch_level text COLLATE "C",
    cloud_pc_remote_action_results json NOT NULL,
    CONSTRAINT managed_device_key PRIMARY KEY (tenant_id, id)
);
