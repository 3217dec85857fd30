-- Scripts. One table holds all families of scripts: Windows scripts (`deviceManagementScript`), macOS
-- scripts (`deviceShellScript`) and macOS custom attributes (`deviceCustomAttributeShellScript`). A
-- family has columns of its own besides the common ones; they are null in rows of other families.
-- One table, because whatever refers to a script (assignments, user states, run states, counts) is
-- the same for every family.
--
-- As in every table, `tenant_id` comes first in the primary key and in each foreign key. So a row
-- cannot refer to a row of another tenant, whatever a statement says.

CREATE TYPE run_as_account_type AS ENUM ('system', 'user');

CREATE TYPE device_custom_attribute_value_type AS ENUM ('integer', 'string', 'dateTime');

CREATE TYPE script_family AS ENUM
    ('deviceManagementScript', 'deviceShellScript', 'deviceCustomAttributeShellScript');

CREATE TABLE script (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    family script_family NOT NULL,
    display_name text COLLATE "C",
    description text COLLATE "C",
    script_content bytea,
    created bigint NOT NULL,
    created_offset smallint NOT NULL,
    last_modified bigint NOT NULL,
    last_modified_offset smallint NOT NULL,
    run_as_account run_as_account_type NOT NULL,
    file_name text COLLATE "C",
    role_scope_tag_ids text[] COLLATE "C" NOT NULL,
    -- Windows scripts
    enforce_signature_check boolean,
    run_as_32_bit boolean,
    -- macOS scripts
    execution_frequency bigint,
    retry_count integer,
    block_execution_notifications boolean,
    -- custom attributes
    custom_attribute_name text COLLATE "C",
    custom_attribute_type device_custom_attribute_value_type,
    CONSTRAINT script_key PRIMARY KEY (tenant_id, id)
);

-- A view for each family.
CREATE VIEW device_management_script AS
    SELECT tenant_id, id, family, display_name, description, script_content, created,
           created_offset, last_modified, last_modified_offset, run_as_account, file_name,
           role_scope_tag_ids, enforce_signature_check, run_as_32_bit
    FROM script
    WHERE family = 'deviceManagementScript';

ALTER VIEW device_management_script ALTER COLUMN family SET DEFAULT 'deviceManagementScript';

CREATE VIEW device_shell_script AS
    SELECT tenant_id, id, family, display_name, description, script_content, created,
           created_offset, last_modified, last_modified_offset, run_as_account, file_name,
           role_scope_tag_ids, execution_frequency, retry_count, block_execution_notifications
    FROM script
    WHERE family = 'deviceShellScript';

ALTER VIEW device_shell_script ALTER COLUMN family SET DEFAULT 'deviceShellScript';

CREATE VIEW device_custom_attribute_shell_script AS
    SELECT tenant_id, id, family, display_name, description, script_content, created,
           created_offset, last_modified, last_modified_offset, run_as_account, file_name,
           role_scope_tag_ids, custom_attribute_name, custom_attribute_type
    FROM script
    WHERE family = 'deviceCustomAttributeShellScript';

ALTER VIEW device_custom_attribute_shell_script
    ALTER COLUMN family SET DEFAULT 'deviceCustomAttributeShellScript';
