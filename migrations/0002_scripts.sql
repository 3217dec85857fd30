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
    CONSTRAINT script_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT script_family_columns CHECK (CASE family
        WHEN 'deviceManagementScript' THEN
            enforce_signature_check IS NOT NULL AND run_as_32_bit IS NOT NULL
        WHEN 'deviceShellScript' THEN
            execution_frequency IS NOT NULL AND retry_count IS NOT NULL
            AND block_execution_notifications IS NOT NULL
        WHEN 'deviceCustomAttributeShellScript' THEN
            custom_attribute_type IS NOT NULL
    END)
);
