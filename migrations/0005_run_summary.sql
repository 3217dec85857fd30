-- How all runs of a script went: one row a script, made and removed with it.

CREATE TABLE script_counts (
    tenant_id uuid NOT NULL,
    script_id uuid NOT NULL,
    success_device_count integer NOT NULL DEFAULT 0,
    error_device_count integer NOT NULL DEFAULT 0,
    success_user_count integer NOT NULL DEFAULT 0,
    error_user_count integer NOT NULL DEFAULT 0,
    counted_success_devices integer NOT NULL DEFAULT 0,
    counted_error_devices integer NOT NULL DEFAULT 0,
    counted_success_users integer NOT NULL DEFAULT 0,
    counted_error_users integer NOT NULL DEFAULT 0,
    CONSTRAINT script_counts_key PRIMARY KEY (tenant_id, script_id),
    CONSTRAINT script_counts_script FOREIGN KEY (tenant_id, script_id)
        REFERENCES script ON DELETE CASCADE
);

-- A summary has the id of its script.
CREATE VIEW run_summary AS
    SELECT tenant_id, script_id, script_id AS id, success_device_count, error_device_count,
           success_user_count, error_user_count
    FROM script_counts;

CREATE FUNCTION add_script_counts() RETURNS trigger
    LANGUAGE plpgsql AS
$$
BEGIN
    INSERT INTO script_counts (tenant_id, script_id) SELECT tenant_id, id FROM came;
    RETURN NULL;
END;
$$;

CREATE TRIGGER script_came AFTER INSERT ON script
    REFERENCING NEW TABLE AS came
    FOR EACH STATEMENT EXECUTE FUNCTION add_script_counts();

-- A count after a change. One that a client set to the end of its range stays there rather than
-- fail the write of a device state.
CREATE FUNCTION moved_count(count integer, change bigint) RETURNS integer
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN least(2147483647, greatest(-2147483648, count + change));

-- Moves the counts of user states and scripts with the device states, in the same transaction,
-- whatever wrote them. 'success' counts as success, 'fail' and 'scriptError' as error, the rest as
-- neither. The argument is 1 for rows that came and -1 for rows that went; an update is both.
CREATE FUNCTION move_device_counts() RETURNS trigger
    LANGUAGE plpgsql AS
$$
BEGIN
    -- Rows are locked in the order of their keys, so that two writers do not wait for each other.
    PERFORM FROM user_state AS it
    WHERE (it.tenant_id, it.script_id, it.id) IN (
        SELECT tenant_id, script_id, user_state_id FROM moved WHERE user_state_id IS NOT NULL)
    ORDER BY it.tenant_id, it.script_id, it.id
    FOR NO KEY UPDATE;

    PERFORM FROM script_counts AS it
    WHERE (it.tenant_id, it.script_id) IN (SELECT tenant_id, script_id FROM moved)
    ORDER BY it.tenant_id, it.script_id
    FOR NO KEY UPDATE;

    UPDATE user_state AS it
    SET success_device_count = moved_count(it.success_device_count, change.success),
        error_device_count = moved_count(it.error_device_count, change.error),
        counted_success = it.counted_success + change.success,
        counted_error = it.counted_error + change.error
    FROM (
        SELECT tenant_id, script_id, user_state_id,
               TG_ARGV[0]::bigint * count(*) FILTER (WHERE run_state = 'success') AS success,
               TG_ARGV[0]::bigint
                   * count(*) FILTER (WHERE run_state IN ('fail', 'scriptError')) AS error
        FROM moved
        WHERE user_state_id IS NOT NULL AND run_state IN ('success', 'fail', 'scriptError')
        GROUP BY tenant_id, script_id, user_state_id
    ) AS change
    WHERE it.tenant_id = change.tenant_id
      AND it.script_id = change.script_id
      AND it.id = change.user_state_id;

    UPDATE script_counts AS it
    SET success_device_count = moved_count(it.success_device_count, change.success),
        error_device_count = moved_count(it.error_device_count, change.error),
        counted_success_devices = it.counted_success_devices + change.success,
        counted_error_devices = it.counted_error_devices + change.error
    FROM (
        SELECT tenant_id, script_id,
               TG_ARGV[0]::bigint * count(*) FILTER (WHERE run_state = 'success') AS success,
               TG_ARGV[0]::bigint
                   * count(*) FILTER (WHERE run_state IN ('fail', 'scriptError')) AS error
        FROM moved
        WHERE run_state IN ('success', 'fail', 'scriptError')
        GROUP BY tenant_id, script_id
    ) AS change
    WHERE it.tenant_id = change.tenant_id AND it.script_id = change.script_id;
    RETURN NULL;
END;
$$;

CREATE TRIGGER device_state_came AFTER INSERT ON device_state
    REFERENCING NEW TABLE AS moved
    FOR EACH STATEMENT EXECUTE FUNCTION move_device_counts('1');

CREATE TRIGGER device_state_went AFTER DELETE ON device_state
    REFERENCING OLD TABLE AS moved
    FOR EACH STATEMENT EXECUTE FUNCTION move_device_counts('-1');

CREATE TRIGGER device_state_changed_from AFTER UPDATE ON device_state
    REFERENCING OLD TABLE AS moved
    FOR EACH STATEMENT EXECUTE FUNCTION move_device_counts('-1');

CREATE TRIGGER device_state_changed_to AFTER UPDATE ON device_state
    REFERENCING NEW TABLE AS moved
    FOR EACH STATEMENT EXECUTE FUNCTION move_device_counts('1');

-- Moves the counts of users. A user counts as error while any of their device states is one, else
-- as success while any is a success.
CREATE FUNCTION move_user_counts() RETURNS trigger
    LANGUAGE plpgsql AS
$$
BEGIN
    UPDATE script_counts AS it
    SET success_user_count = moved_count(it.success_user_count, change.success),
        error_user_count = moved_count(it.error_user_count, change.error),
        counted_success_users = it.counted_success_users + change.success,
        counted_error_users = it.counted_error_users + change.error
    FROM (
        SELECT tenant_id, script_id,
               TG_ARGV[0]::bigint
                   * count(*) FILTER (WHERE counted_error <= 0 AND counted_success > 0) AS success,
               TG_ARGV[0]::bigint * count(*) FILTER (WHERE counted_error > 0) AS error
        FROM moved
        GROUP BY tenant_id, script_id
    ) AS change
    WHERE it.tenant_id = change.tenant_id AND it.script_id = change.script_id
      AND (change.success <> 0 OR change.error <> 0);
    RETURN NULL;
END;
$$;

CREATE TRIGGER user_state_went AFTER DELETE ON user_state
    REFERENCING OLD TABLE AS moved
    FOR EACH STATEMENT EXECUTE FUNCTION move_user_counts('-1');

CREATE TRIGGER user_state_changed_from AFTER UPDATE ON user_state
    REFERENCING OLD TABLE AS moved
    FOR EACH STATEMENT EXECUTE FUNCTION move_user_counts('-1');

CREATE TRIGGER user_state_changed_to AFTER UPDATE ON user_state
    REFERENCING NEW TABLE AS moved
    FOR EACH STATEMENT EXECUTE FUNCTION move_user_counts('1');
