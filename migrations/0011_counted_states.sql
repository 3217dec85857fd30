-- How many device states and user states there are, kept beside how they went, so that nobody has to
-- count rows. And what a create pays for its counts, made cheaper.

-- Nothing is written between what the rows say now and what the triggers below do.
LOCK TABLE script, user_state, device_state IN SHARE ROW EXCLUSIVE MODE;

ALTER TABLE script_counts
    ADD COLUMN counted_device_states bigint NOT NULL DEFAULT 0,
    ADD COLUMN counted_user_states bigint NOT NULL DEFAULT 0;

ALTER TABLE user_state ADD COLUMN counted_device_states bigint NOT NULL DEFAULT 0;

-- Rows of counters are rewritten all the time: with room beside them, no index has to hear of it.
ALTER TABLE script_counts SET (fillfactor = 60);
ALTER TABLE user_state SET (fillfactor = 80);

-- As before, with the number of rows, and in fewer statements. Rows are locked in the order of their
-- keys, a script's before its users', so that two writers do not wait for each other.
CREATE OR REPLACE FUNCTION move_device_counts() RETURNS trigger
    LANGUAGE plpgsql AS
$$
BEGIN
    IF EXISTS (SELECT FROM moved WHERE user_state_id IS NOT NULL) THEN
        PERFORM FROM script_counts AS it
        WHERE (it.tenant_id, it.script_id) IN (SELECT tenant_id, script_id FROM moved)
        ORDER BY it.tenant_id, it.script_id
        FOR NO KEY UPDATE;

        WITH locked AS MATERIALIZED (
            SELECT it.tenant_id, it.script_id, it.id, change.states, change.success, change.error
            FROM (
                SELECT tenant_id, script_id, user_state_id,
                       TG_ARGV[0]::bigint * count(*) AS states,
                       TG_ARGV[0]::bigint * count(*) FILTER (WHERE run_state = 'success')
                           AS success,
                       TG_ARGV[0]::bigint
                           * count(*) FILTER (WHERE run_state IN ('fail', 'scriptError')) AS error
                FROM moved
                WHERE user_state_id IS NOT NULL
                GROUP BY tenant_id, script_id, user_state_id
            ) AS change
            JOIN user_state AS it
                ON it.tenant_id = change.tenant_id AND it.script_id = change.script_id
                   AND it.id = change.user_state_id
            ORDER BY it.tenant_id, it.script_id, it.id
            FOR NO KEY UPDATE OF it
        )
        UPDATE user_state AS it
        SET success_device_count = moved_count(it.success_device_count, locked.success),
            error_device_count = moved_count(it.error_device_count, locked.error),
            counted_success = it.counted_success + locked.success,
            counted_error = it.counted_error + locked.error,
            counted_device_states = it.counted_device_states + locked.states
        FROM locked
        WHERE it.tenant_id = locked.tenant_id AND it.script_id = locked.script_id
          AND it.id = locked.id;
    END IF;

    WITH locked AS MATERIALIZED (
        SELECT it.tenant_id, it.script_id, change.states, change.success, change.error
        FROM (
            SELECT tenant_id, script_id,
                   TG_ARGV[0]::bigint * count(*) AS states,
                   TG_ARGV[0]::bigint * count(*) FILTER (WHERE run_state = 'success') AS success,
                   TG_ARGV[0]::bigint
                       * count(*) FILTER (WHERE run_state IN ('fail', 'scriptError')) AS error
            FROM moved
            GROUP BY tenant_id, script_id
        ) AS change
        JOIN script_counts AS it
            ON it.tenant_id = change.tenant_id AND it.script_id = change.script_id
        ORDER BY it.tenant_id, it.script_id
        FOR NO KEY UPDATE OF it
    )
    UPDATE script_counts AS it
    SET success_device_count = moved_count(it.success_device_count, locked.success),
        error_device_count = moved_count(it.error_device_count, locked.error),
        counted_success_devices = it.counted_success_devices + locked.success,
        counted_error_devices = it.counted_error_devices + locked.error,
        counted_device_states = it.counted_device_states + locked.states
    FROM locked
    WHERE it.tenant_id = locked.tenant_id AND it.script_id = locked.script_id;
    RETURN NULL;
END;
$$;

-- Moves the counts of users with user states that come and go. A user counts as error while any of
-- their device states is one, else as success while any is a success.
CREATE OR REPLACE FUNCTION move_user_counts() RETURNS trigger
    LANGUAGE plpgsql AS
$$
BEGIN
    WITH locked AS MATERIALIZED (
        SELECT it.tenant_id, it.script_id, change.states, change.success, change.error
        FROM (
            SELECT tenant_id, script_id,
                   TG_ARGV[0]::bigint * count(*) AS states,
                   TG_ARGV[0]::bigint
                       * count(*) FILTER (WHERE counted_error <= 0 AND counted_success > 0)
                       AS success,
                   TG_ARGV[0]::bigint * count(*) FILTER (WHERE counted_error > 0) AS error
            FROM moved
            GROUP BY tenant_id, script_id
        ) AS change
        JOIN script_counts AS it
            ON it.tenant_id = change.tenant_id AND it.script_id = change.script_id
        ORDER BY it.tenant_id, it.script_id
        FOR NO KEY UPDATE OF it
    )
    UPDATE script_counts AS it
    SET success_user_count = moved_count(it.success_user_count, locked.success),
        error_user_count = moved_count(it.error_user_count, locked.error),
        counted_success_users = it.counted_success_users + locked.success,
        counted_error_users = it.counted_error_users + locked.error,
        counted_user_states = it.counted_user_states + locked.states
    FROM locked
    WHERE it.tenant_id = locked.tenant_id AND it.script_id = locked.script_id;
    RETURN NULL;
END;
$$;

CREATE TRIGGER user_state_came AFTER INSERT ON user_state
    REFERENCING NEW TABLE AS moved
    FOR EACH STATEMENT EXECUTE FUNCTION move_user_counts('1');

-- Moves the counts of users with user states whose own counts changed. Most changes leave a user what
-- they were, and touch no script.
CREATE FUNCTION move_changed_user_counts() RETURNS trigger
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
               coalesce(sum(sign) FILTER (WHERE counted_error <= 0 AND counted_success > 0), 0)
                   AS success,
               coalesce(sum(sign) FILTER (WHERE counted_error > 0), 0) AS error
        FROM (SELECT 1 AS sign, tenant_id, script_id, counted_success, counted_error FROM came
              UNION ALL
              SELECT -1, tenant_id, script_id, counted_success, counted_error FROM went) AS moved
        GROUP BY tenant_id, script_id
    ) AS change
    WHERE it.tenant_id = change.tenant_id AND it.script_id = change.script_id
      AND (change.success <> 0 OR change.error <> 0);
    RETURN NULL;
END;
$$;

DROP TRIGGER user_state_changed_from ON user_state;
DROP TRIGGER user_state_changed_to ON user_state;

CREATE TRIGGER user_state_changed AFTER UPDATE ON user_state
    REFERENCING OLD TABLE AS went NEW TABLE AS came
    FOR EACH STATEMENT EXECUTE FUNCTION move_changed_user_counts();

-- What the counters of user states and of scripts should say. Like the rest below for the owner
-- alone, who sees all tenants.
CREATE VIEW user_state_rows AS
    SELECT tenant_id, script_id, id, coalesce(states, 0) AS states,
           coalesce(success, 0) AS success, coalesce(error, 0) AS error
    FROM user_state LEFT JOIN (
        SELECT tenant_id, script_id, user_state_id AS id, count(*) AS states,
               count(*) FILTER (WHERE run_state = 'success') AS success,
               count(*) FILTER (WHERE run_state IN ('fail', 'scriptError')) AS error
        FROM device_state
        WHERE user_state_id IS NOT NULL
        GROUP BY tenant_id, script_id, user_state_id
    ) AS device_states USING (tenant_id, script_id, id);

CREATE VIEW script_rows AS
    SELECT tenant_id, script_id, coalesce(device_states.states, 0) AS device_states,
           coalesce(device_states.success, 0) AS success_devices,
           coalesce(device_states.error, 0) AS error_devices,
           coalesce(user_states.states, 0) AS user_states,
           coalesce(user_states.success, 0) AS success_users,
           coalesce(user_states.error, 0) AS error_users
    FROM script_counts LEFT JOIN (
        SELECT tenant_id, script_id, count(*) AS states,
               count(*) FILTER (WHERE run_state = 'success') AS success,
               count(*) FILTER (WHERE run_state IN ('fail', 'scriptError')) AS error
        FROM device_state
        GROUP BY tenant_id, script_id
    ) AS device_states USING (tenant_id, script_id) LEFT JOIN (
        SELECT tenant_id, script_id, count(*) AS states,
               count(*) FILTER (WHERE error <= 0 AND success > 0) AS success,
               count(*) FILTER (WHERE error > 0) AS error
        FROM user_state_rows
        GROUP BY tenant_id, script_id
    ) AS user_states USING (tenant_id, script_id);

-- The counters that do not say what the rows say; a script's have no user_state_id.
CREATE VIEW miscounted AS
    SELECT tenant_id, script_id, id AS user_state_id, counter, counted, actual
    FROM user_state AS it JOIN user_state_rows AS of_rows USING (tenant_id, script_id, id),
    LATERAL (VALUES
        ('counted_device_states', counted_device_states, states),
        ('counted_success', counted_success, success),
        ('counted_error', counted_error, error)
    ) AS counters (counter, counted, actual)
    WHERE counted <> actual
    UNION ALL
    SELECT tenant_id, script_id, NULL, counter, counted, actual
    FROM script_counts AS it JOIN script_rows AS of_rows USING (tenant_id, script_id),
    LATERAL (VALUES
        ('counted_device_states', counted_device_states, device_states),
        ('counted_success_devices', counted_success_devices, success_devices),
        ('counted_error_devices', counted_error_devices, error_devices),
        ('counted_user_states', counted_user_states, user_states),
        ('counted_success_users', counted_success_users, success_users),
        ('counted_error_users', counted_error_users, error_users)
    ) AS counters (counter, counted, actual)
    WHERE counted <> actual;

-- Sets the counters to what the rows say, and moves the counts that clients see by as much.
CREATE FUNCTION recount() RETURNS void
    LANGUAGE plpgsql AS
$$
BEGIN
    LOCK TABLE script_counts, user_state, device_state IN SHARE ROW EXCLUSIVE MODE;

    UPDATE user_state AS it
    SET success_device_count =
            moved_count(it.success_device_count, of_rows.success - it.counted_success),
        error_device_count = moved_count(it.error_device_count, of_rows.error - it.counted_error),
        counted_device_states = of_rows.states,
        counted_success = of_rows.success,
        counted_error = of_rows.error
    FROM user_state_rows AS of_rows
    WHERE it.tenant_id = of_rows.tenant_id AND it.script_id = of_rows.script_id
      AND it.id = of_rows.id
      AND (it.counted_device_states, it.counted_success, it.counted_error)
          <> (of_rows.states, of_rows.success, of_rows.error);

    UPDATE script_counts AS it
    SET success_device_count = moved_count(
            it.success_device_count, of_rows.success_devices - it.counted_success_devices),
        error_device_count = moved_count(
            it.error_device_count, of_rows.error_devices - it.counted_error_devices),
        success_user_count = moved_count(
            it.success_user_count, of_rows.success_users - it.counted_success_users),
        error_user_count = moved_count(
            it.error_user_count, of_rows.error_users - it.counted_error_users),
        counted_device_states = of_rows.device_states,
        counted_success_devices = of_rows.success_devices,
        counted_error_devices = of_rows.error_devices,
        counted_user_states = of_rows.user_states,
        counted_success_users = of_rows.success_users,
        counted_error_users = of_rows.error_users
    FROM script_rows AS of_rows
    WHERE it.tenant_id = of_rows.tenant_id AND it.script_id = of_rows.script_id
      AND (it.counted_device_states, it.counted_success_devices, it.counted_error_devices,
           it.counted_user_states, it.counted_success_users, it.counted_error_users)
          <> (of_rows.device_states, of_rows.success_devices, of_rows.error_devices,
              of_rows.user_states, of_rows.success_users, of_rows.error_users);
END;
$$;

SELECT recount();

-- What a statement may put in place of a call has to promise no more than what it calls, and
-- to_char promises less than IMMUTABLE.
ALTER FUNCTION date_time_offset(bigint, smallint) STABLE;
-- Nor may it be STRICT where what it calls is not; neither argument of this one is ever null.
ALTER FUNCTION moved_count(integer, bigint) CALLED ON NULL INPUT;

-- Triggers do what they do as the owner, and nobody calls what they run, or recounts.
DO $$
DECLARE
    own text := current_schema();
    name text;
BEGIN
    EXECUTE format('REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA %I FROM PUBLIC', own);
    FOREACH name IN ARRAY ARRAY[
        'move_device_counts', 'move_user_counts', 'move_changed_user_counts'
    ] LOOP
        EXECUTE format('ALTER FUNCTION %I() SECURITY DEFINER SET search_path = %I, pg_temp',
                       name, own);
    END LOOP;
END;
$$;
