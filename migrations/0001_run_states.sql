-- Scripts, the users they ran for, and how each run on a device ended.
--
-- Every row has a tenant, and every key and foreign key starts with it: a row cannot refer to one
-- of another tenant, whatever a statement says. Texts compare by code point (collation "C"), so that
-- an order is the same in every database. A date-time is two columns: the instant in units of 100 ns
-- since 0001-01-01T00:00:00Z, and the minutes of the offset it was written in.

CREATE TYPE run_as_account_type AS ENUM ('system', 'user');

CREATE TYPE run_state AS ENUM
    ('unknown', 'success', 'fail', 'scriptError', 'pending', 'notApplicable');

CREATE TYPE script_family AS ENUM ('deviceManagementScript');

-- A date-time as OData writes it: local time, up to seven digits of fraction without trailing
-- zeros, and the offset, 'Z' for none. Whole seconds times an interval stay exact in a double.
CREATE FUNCTION date_time_offset(ticks bigint, minutes smallint) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN
    to_char(
        timestamp '0001-01-01' + (ticks / 10000000 + minutes * 60) * interval '1 second',
        'YYYY-MM-DD"T"HH24:MI:SS')
    || CASE WHEN ticks % 10000000 = 0 THEN ''
            ELSE '.' || rtrim(lpad((ticks % 10000000)::text, 7, '0'), '0') END
    || CASE WHEN minutes = 0 THEN 'Z'
            ELSE CASE WHEN minutes < 0 THEN '-' ELSE '+' END
                 || to_char(abs(minutes) / 60, 'FM00') || ':' || to_char(abs(minutes) % 60, 'FM00')
       END;

-- Binary as JSON carries it. PostgreSQL breaks base64 into lines of 76; nobody else does.
CREATE FUNCTION base64(content bytea) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN translate(encode(content, 'base64'), E'\n', '');

-- All families of scripts; each is seen through a view of its own.
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
    enforce_signature_check boolean,
    run_as_32_bit boolean,
    CONSTRAINT script_key PRIMARY KEY (tenant_id, id)
);

CREATE VIEW device_management_script AS
    SELECT tenant_id, id, family, display_name, description, script_content, created,
           created_offset, last_modified, last_modified_offset, run_as_account, file_name,
           role_scope_tag_ids, enforce_signature_check, run_as_32_bit
    FROM script
    WHERE family = 'deviceManagementScript';

ALTER VIEW device_management_script ALTER COLUMN family SET DEFAULT 'deviceManagementScript';

-- How a script's runs went on the devices of one user. The counts follow device_state.
CREATE TABLE user_state (
    tenant_id uuid NOT NULL,
    script_id uuid NOT NULL,
    id text COLLATE "C" NOT NULL,
    success_device_count integer NOT NULL,
    error_device_count integer NOT NULL,
    user_principal_name text COLLATE "C",
    CONSTRAINT user_state_key PRIMARY KEY (tenant_id, script_id, id),
    CONSTRAINT user_state_script FOREIGN KEY (tenant_id, script_id)
        REFERENCES script ON DELETE CASCADE
);

-- How a script's latest run on one device ended. A state that was reported for a user is one of
-- the script's as well, hence one table; without a user, user_state_id is null.
CREATE TABLE device_state (
    tenant_id uuid NOT NULL,
    script_id uuid NOT NULL,
    id text COLLATE "C" NOT NULL,
    user_state_id text COLLATE "C",
    last_state_update bigint NOT NULL,
    last_state_update_offset smallint NOT NULL,
    run_state run_state NOT NULL,
    error_code integer NOT NULL,
    result_message text COLLATE "C",
    error_description text COLLATE "C",
    CONSTRAINT device_state_key PRIMARY KEY (tenant_id, script_id, id),
    CONSTRAINT device_state_script FOREIGN KEY (tenant_id, script_id)
        REFERENCES script ON DELETE CASCADE,
    CONSTRAINT device_state_user_state FOREIGN KEY (tenant_id, script_id, user_state_id)
        REFERENCES user_state ON DELETE CASCADE
);

-- Lists the states of one user, and finds them when the user state goes.
CREATE INDEX device_state_of_user ON device_state (tenant_id, script_id, user_state_id, id)
    WHERE user_state_id IS NOT NULL;

-- Moves the counts of user states with their device states, in the same transaction, whatever
-- wrote them. 'success' counts as success, 'fail' and 'scriptError' as error, the rest as neither.
-- The argument is 1 for rows that came and -1 for rows that went; an update is both. A count that a
-- client set to the end of its range stays there rather than fail the write of a device state.
CREATE FUNCTION move_user_state_counts() RETURNS trigger
    LANGUAGE plpgsql AS
$$
BEGIN
    UPDATE user_state
    SET success_device_count =
            least(2147483647, greatest(-2147483648, success_device_count + change.success)),
        error_device_count =
            least(2147483647, greatest(-2147483648, error_device_count + change.error))
    FROM (
        SELECT tenant_id, script_id, user_state_id,
               TG_ARGV[0]::bigint * count(*) FILTER (WHERE run_state = 'success') AS success,
               TG_ARGV[0]::bigint
                   * count(*) FILTER (WHERE run_state IN ('fail', 'scriptError')) AS error
        FROM moved
        WHERE user_state_id IS NOT NULL AND run_state IN ('success', 'fail', 'scriptError')
        GROUP BY tenant_id, script_id, user_state_id
    ) AS change
    WHERE user_state.tenant_id = change.tenant_id
      AND user_state.script_id = change.script_id
      AND user_state.id = change.user_state_id;
    RETURN NULL;
END;
$$;

CREATE TRIGGER device_state_came AFTER INSERT ON device_state
    REFERENCING NEW TABLE AS moved
    FOR EACH STATEMENT EXECUTE FUNCTION move_user_state_counts('1');

CREATE TRIGGER device_state_went AFTER DELETE ON device_state
    REFERENCING OLD TABLE AS moved
    FOR EACH STATEMENT EXECUTE FUNCTION move_user_state_counts('-1');

CREATE TRIGGER device_state_changed_from AFTER UPDATE ON device_state
    REFERENCING OLD TABLE AS moved
    FOR EACH STATEMENT EXECUTE FUNCTION move_user_state_counts('-1');

CREATE TRIGGER device_state_changed_to AFTER UPDATE ON device_state
    REFERENCING NEW TABLE AS moved
    FOR EACH STATEMENT EXECUTE FUNCTION move_user_state_counts('1');
