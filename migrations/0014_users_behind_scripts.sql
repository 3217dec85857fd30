-- As before, in fewer statements. Whoever moves counts locks the counters of scripts first, in the
-- order of their keys; so who has these has the user states of the scripts to itself, and need not
-- lock them one by one.
CREATE OR REPLACE FUNCTION move_device_counts() RETURNS trigger
    LANGUAGE plpgsql AS
$$
BEGIN
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

    IF EXISTS (SELECT FROM moved WHERE user_state_id IS NOT NULL) THEN
        UPDATE user_state AS it
        SET success_device_count = moved_count(it.success_device_count, change.success),
            error_device_count = moved_count(it.error_device_count, change.error),
            counted_success = it.counted_success + change.success,
            counted_error = it.counted_error + change.error,
            counted_device_states = it.counted_device_states + change.states
        FROM (
            SELECT tenant_id, script_id, user_state_id,
                   TG_ARGV[0]::bigint * count(*) AS states,
                   TG_ARGV[0]::bigint * count(*) FILTER (WHERE run_state = 'success') AS success,
                   TG_ARGV[0]::bigint
                       * count(*) FILTER (WHERE run_state IN ('fail', 'scriptError')) AS error
            FROM moved
            WHERE user_state_id IS NOT NULL
            GROUP BY tenant_id, script_id, user_state_id
        ) AS change
        WHERE it.tenant_id = change.tenant_id AND it.script_id = change.script_id
          AND it.id = change.user_state_id;
    END IF;
    RETURN NULL;
END;
$$;

-- A function that is replaced is the caller's again.
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION move_device_counts() SECURITY DEFINER SET search_path = %I, pg_temp',
                   current_schema());
END;
$$;
