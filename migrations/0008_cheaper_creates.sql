-- What every create of a device state pays, made cheaper; nothing means anything else than before.

-- Without STRICT, which a CASE keeps from being inlined: a call of its own costs more than its body.
-- A null still gives a null.
CREATE OR REPLACE FUNCTION date_time_offset(ticks bigint, minutes smallint) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN
    to_char(moment(ticks + minutes::bigint * 600000000), 'YYYY-MM-DD"T"HH24:MI:SS')
    || CASE WHEN ticks % 10000000 = 0 THEN ''
            ELSE '.' || rtrim(lpad((ticks % 10000000)::text, 7, '0'), '0') END
    || CASE WHEN minutes = 0 THEN 'Z'
            ELSE CASE WHEN minutes < 0 THEN '-' ELSE '+' END
                 || to_char(abs(minutes) / 60, 'FM00') || ':' || to_char(abs(minutes) % 60, 'FM00')
       END;

-- As before, but what no row asks for is not run: an update of no rows runs its triggers as well.
CREATE OR REPLACE FUNCTION move_device_counts() RETURNS trigger
    LANGUAGE plpgsql AS
$$
BEGIN
    IF NOT EXISTS (SELECT FROM moved WHERE run_state IN ('success', 'fail', 'scriptError')) THEN
        RETURN NULL;
    END IF;

    -- Rows are locked in the order of their keys, so that two writers do not wait for each other.
    IF EXISTS (SELECT FROM moved WHERE user_state_id IS NOT NULL) THEN
        PERFORM FROM user_state AS it
        WHERE (it.tenant_id, it.script_id, it.id) IN (
            SELECT tenant_id, script_id, user_state_id FROM moved WHERE user_state_id IS NOT NULL)
        ORDER BY it.tenant_id, it.script_id, it.id
        FOR NO KEY UPDATE;
    END IF;

    PERFORM FROM script_counts AS it
    WHERE (it.tenant_id, it.script_id) IN (SELECT tenant_id, script_id FROM moved)
    ORDER BY it.tenant_id, it.script_id
    FOR NO KEY UPDATE;

    IF EXISTS (SELECT FROM moved WHERE user_state_id IS NOT NULL) THEN
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
    END IF;

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
