-- Counting: triggers that keep the counters of scripts and user states equal to the rows, in the
-- transaction that writes the rows, whoever writes them. They also do the work of foreign keys for
-- run states: they refuse a run state whose script or user state does not exist, and delete the run
-- states of a script or user state that is deleted.
--
-- What is counted:
--
--   * A run state 'success' counts as success, 'fail' and 'scriptError' count as error, the others
--     count as neither. Each value except 'success' and 'fail' has a counter of its own besides.
--   * A user counts as error if any of their run states is an error, else as success if any of their
--     run states is a success, else as neither.
--
-- Locks. Counters of scripts change in the order of their keys, before those of users. Two transactions
-- that count for the same scripts therefore wait for each other and do not deadlock. Before that, a
-- write by the server locks the script of its rows, in the same order: a create or an update of run
-- states FOR KEY SHARE, a delete below the script FOR UPDATE. So a delete, which locks a user and then
-- their run states, does not meet an update, which locks a run state and then the counters of its
-- user. The transaction that counts for a script is the only one that counts for user states of that
-- script, so user states need no order of their own.
--
-- The updates below find counters with `= ANY (ARRAY[...])`, not with `=`. So the planner can only look up
-- each row by its key, in the order of the subquery. With `=` it reads the whole table of counters for
-- each statement, which costs as much as a fifth of a create when there are a thousand scripts.
--
-- Cost. The functions below run for each statement that writes run states. They are written for few
-- statements and few passes, since each costs every create.

-- A counter after a change. A client may have set a count to the end of its range. It stays there,
-- since an error would fail the write of a run state. (It is not STRICT so that the planner can put
-- it in the place of a call; the arguments are never null.)
CREATE FUNCTION moved_count(count integer, change bigint) RETURNS integer
    LANGUAGE sql IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
RETURN least(2147483647, greatest(-2147483648, count + change));

-- Counts the run states that one statement inserted, deleted or updated. The three functions differ only
-- in the rows that they read: `sign` is 1 for a run state that a script or user gained, and -1 for one
-- that it lost. An update loses and gains nothing where it repeats what was counted before, as most
-- reports do. Then no counter is locked.
--
-- A delete, and an update that starts versions, also append the superseded versions to the history, if
-- the policy of the script keeps them. A run state that expires leaves no version (0016_expiry.sql).
DO $migration$
DECLARE
    event text;
    moved text;
    superseded text;
    versions CONSTANT text := $sql$
    ), kept AS (
        INSERT INTO device_state_history (
            tenant_id, script_id, id, user_state_id, last_state_update, valid_from, valid_to,
            run_state, error_code, version, last_state_update_offset, history_days, removed,
            result_message, error_description, managed_device_id)
        SELECT went.tenant_id, went.script_id, went.id, went.user_state_id, went.last_state_update,
               went.valid_from, %s, went.run_state, went.error_code, went.version,
               went.last_state_update_offset,
               stored_history_days(went.tenant_id, policy.history_days), %s, went.result_message,
               went.error_description, went.managed_device_id
        FROM went %s
        JOIN retention_of_script AS policy
            ON policy.tenant_id = went.tenant_id AND policy.script_id = went.script_id
        WHERE policy.history_days > 0
    $sql$;
    counted CONSTANT text := 'SELECT tenant_id, script_id, user_state_id, run_state';
    -- What a script or a user gained, less what it lost.
    sums CONSTANT text := $sql$
        sum(sign) AS states,
        coalesce(sum(sign) FILTER (WHERE run_state = 'success'), 0) AS success,
        coalesce(sum(sign) FILTER (WHERE run_state IN ('fail', 'scriptError')), 0) AS error,
        coalesce(sum(sign) FILTER (WHERE run_state = 'unknown'), 0) AS unknown,
        coalesce(sum(sign) FILTER (WHERE run_state = 'scriptError'), 0) AS script_error,
        coalesce(sum(sign) FILTER (WHERE run_state = 'pending'), 0) AS pending,
        coalesce(sum(sign) FILTER (WHERE run_state = 'notApplicable'), 0) AS not_applicable
    $sql$;
BEGIN
FOR event, moved, superseded IN VALUES
    ('insert', counted || ', 1 AS sign FROM came', ''),
    ('delete', counted || ', -1 AS sign FROM went',
     format(versions, 'end_of_version(went.tenant_id, went.valid_from)', 'true', '')
         || $sql$AND current_setting('runstate.expires', true) IS DISTINCT FROM 'on'$sql$),
    ('update', format('SELECT *, 1 AS sign FROM (%1$s FROM came EXCEPT ALL %1$s FROM went) AS gained '
                      'UNION ALL '
                      'SELECT *, -1 FROM (%1$s FROM went EXCEPT ALL %1$s FROM came) AS lost',
                      counted),
     format(versions, 'came.valid_from', 'false',
            'JOIN came ON came.tenant_id = went.tenant_id AND came.script_id = went.script_id '
            'AND came.id = went.id AND came.version > went.version'))
LOOP
EXECUTE format($sql$
CREATE FUNCTION count_device_states_after_%1$s() RETURNS trigger
    LANGUAGE plpgsql AS
$$
DECLARE
    -- The number of rows that name a user state.
    of_users bigint;
    -- The number of scripts and user states that got run states and do not exist.
    missing bigint;
BEGIN
    WITH change AS (
        SELECT tenant_id, script_id, count(user_state_id) AS user_rows,
               %3$s
        FROM (%2$s) AS moved
        GROUP BY tenant_id, script_id
    ), counted AS (
        UPDATE script_counts AS counts
        SET success_device_count = moved_count(counts.success_device_count, moved.success),
            error_device_count = moved_count(counts.error_device_count, moved.error),
            counted_success_devices = counts.counted_success_devices + moved.success,
            counted_error_devices = counts.counted_error_devices + moved.error,
            counted_unknown_devices = counts.counted_unknown_devices + moved.unknown,
            counted_script_error_devices =
                counts.counted_script_error_devices + moved.script_error,
            counted_pending_devices = counts.counted_pending_devices + moved.pending,
            counted_not_applicable_devices =
                counts.counted_not_applicable_devices + moved.not_applicable,
            counted_device_states = counts.counted_device_states + moved.states
        FROM (SELECT * FROM change ORDER BY tenant_id, script_id) AS moved
        WHERE counts.tenant_id = ANY (ARRAY[moved.tenant_id])
          AND counts.id = ANY (ARRAY[moved.script_id])
        RETURNING moved.states
    %4$s)
    SELECT coalesce(sum(change.user_rows), 0),
           count(*) FILTER (WHERE states > 0) - (SELECT count(*) FROM counted WHERE states > 0)
    INTO of_users, missing
    FROM change;

    IF of_users > 0 THEN
        WITH change AS (
            SELECT tenant_id, script_id, user_state_id,
                   %3$s
            FROM (%2$s) AS moved
            WHERE user_state_id IS NOT NULL
            GROUP BY tenant_id, script_id, user_state_id
        ), counted AS (
            UPDATE user_state AS counts
            SET success_device_count = moved_count(counts.success_device_count, change.success),
                error_device_count = moved_count(counts.error_device_count, change.error),
                counted_success = counts.counted_success + change.success,
                counted_error = counts.counted_error + change.error,
                counted_unknown = counts.counted_unknown + change.unknown,
                counted_script_error = counts.counted_script_error + change.script_error,
                counted_pending = counts.counted_pending + change.pending,
                counted_not_applicable = counts.counted_not_applicable + change.not_applicable,
                counted_device_states = counts.counted_device_states + change.states
            FROM change
            WHERE counts.tenant_id = ANY (ARRAY[change.tenant_id])
              AND counts.script_id = ANY (ARRAY[change.script_id])
              AND counts.id = ANY (ARRAY[change.user_state_id])
            RETURNING counts.tenant_id, counts.script_id, change.states,
                -- What the user counts as after the change, less what they counted as before it.
                (counts.counted_error <= 0 AND counts.counted_success > 0)::integer
                    - (counts.counted_error <= change.error
                       AND counts.counted_success > change.success)::integer AS success,
                (counts.counted_error > 0)::integer
                    - (counts.counted_error > change.error)::integer AS error
        ), users_counted AS (
            UPDATE script_counts AS counts
            SET success_user_count = moved_count(counts.success_user_count, change.success),
                error_user_count = moved_count(counts.error_user_count, change.error),
                counted_success_users = counts.counted_success_users + change.success,
                counted_error_users = counts.counted_error_users + change.error
            FROM (
                -- For most changes a user still counts as the same, and no script is updated.
                SELECT tenant_id, script_id, sum(success) AS success, sum(error) AS error
                FROM counted
                WHERE success <> 0 OR error <> 0
                GROUP BY tenant_id, script_id
            ) AS change
            WHERE counts.tenant_id = ANY (ARRAY[change.tenant_id])
              AND counts.id = ANY (ARRAY[change.script_id])
        )
        SELECT missing + count(*) FILTER (WHERE states > 0)
               - (SELECT count(*) FROM counted WHERE states > 0)
        INTO missing
        FROM change;
    END IF;

    IF missing > 0 THEN
        RAISE foreign_key_violation USING
            MESSAGE = 'a run state needs its script, and the user state that it names',
            TABLE = 'device_state', CONSTRAINT = 'device_state_parents';
    END IF;
    RETURN NULL;
END;
$$
$sql$, event, moved, sums, superseded);
END LOOP;
END;
$migration$;

CREATE TRIGGER device_state_after_insert AFTER INSERT ON device_state
    REFERENCING NEW TABLE AS came
    FOR EACH STATEMENT EXECUTE FUNCTION count_device_states_after_insert();

CREATE TRIGGER device_state_after_delete AFTER DELETE ON device_state
    REFERENCING OLD TABLE AS went
    FOR EACH STATEMENT EXECUTE FUNCTION count_device_states_after_delete();

CREATE TRIGGER device_state_after_update AFTER UPDATE ON device_state
    REFERENCING OLD TABLE AS went NEW TABLE AS came
    FOR EACH STATEMENT EXECUTE FUNCTION count_device_states_after_update();

-- Counts user states that are inserted (1) or deleted (-1). What a user counts as changes only with
-- their run states, see above.
CREATE FUNCTION move_user_counts() RETURNS trigger
    LANGUAGE plpgsql AS
$$
BEGIN
    UPDATE script_counts AS counts
    SET success_user_count = moved_count(counts.success_user_count, moved.success),
        error_user_count = moved_count(counts.error_user_count, moved.error),
        counted_success_users = counts.counted_success_users + moved.success,
        counted_error_users = counts.counted_error_users + moved.error,
        counted_user_states = counts.counted_user_states + moved.states
    FROM (
        SELECT tenant_id, script_id,
               TG_ARGV[0]::bigint * count(*) AS states,
               TG_ARGV[0]::bigint
                   * count(*) FILTER (WHERE counted_error <= 0 AND counted_success > 0)
                   AS success,
               TG_ARGV[0]::bigint * count(*) FILTER (WHERE counted_error > 0) AS error
        FROM changed
        GROUP BY tenant_id, script_id
        ORDER BY tenant_id, script_id
    ) AS moved
    WHERE counts.tenant_id = ANY (ARRAY[moved.tenant_id])
      AND counts.id = ANY (ARRAY[moved.script_id]);
    RETURN NULL;
END;
$$;

CREATE TRIGGER user_state_after_insert AFTER INSERT ON user_state
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION move_user_counts('1');

CREATE TRIGGER user_state_after_delete AFTER DELETE ON user_state
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION move_user_counts('-1');

-- Deletes the run states of a script that is being deleted. A create by the server locks the parents
-- of its rows first, and waits for the deletion. A row that was inserted by other means holds the
-- lock of the counts until its transaction commits: the lock below waits for it, and the second
-- DELETE sees it.
CREATE FUNCTION remove_states_of_script() RETURNS trigger
    LANGUAGE plpgsql AS
$$
BEGIN
    -- Nobody can read the history of a deleted script, so it is not written.
    INSERT INTO script_retention (tenant_id, script_id, history_days)
    VALUES (OLD.tenant_id, OLD.id, 0)
    ON CONFLICT (tenant_id, script_id) DO UPDATE SET history_days = 0;
    DELETE FROM device_state WHERE tenant_id = OLD.tenant_id AND script_id = OLD.id;
    PERFORM FROM script_counts
    WHERE tenant_id = OLD.tenant_id AND id = OLD.id
    FOR UPDATE;
    DELETE FROM device_state WHERE tenant_id = OLD.tenant_id AND script_id = OLD.id;
    RETURN OLD;
END;
$$;

CREATE TRIGGER script_before_delete BEFORE DELETE ON script
    FOR EACH ROW EXECUTE FUNCTION remove_states_of_script();

-- Deletes the run states of a user state that was deleted.
CREATE FUNCTION remove_states_of_user() RETURNS trigger
    LANGUAGE plpgsql AS
$$
BEGIN
    -- If the script is being deleted, its run states are gone already. A DELETE of no rows would still
    -- run the triggers of `device_state`.
    IF EXISTS (SELECT FROM device_state
               WHERE tenant_id = OLD.tenant_id AND script_id = OLD.script_id
                 AND user_state_id = OLD.id) THEN
        DELETE FROM device_state
        WHERE tenant_id = OLD.tenant_id AND script_id = OLD.script_id AND user_state_id = OLD.id;
    END IF;
    RETURN NULL;
END;
$$;

CREATE TRIGGER user_state_after_row_delete AFTER DELETE ON user_state
    FOR EACH ROW EXECUTE FUNCTION remove_states_of_user();

-- Refuses a new key for a user state, as a foreign key of its run states would. The key of a script
-- cannot change because its counts refer to it.
CREATE FUNCTION refuse_new_key() RETURNS trigger
    LANGUAGE plpgsql AS
$$
BEGIN
    RAISE foreign_key_violation USING MESSAGE = 'run states refer to the key of a user state',
        TABLE = 'device_state', CONSTRAINT = 'device_state_parents';
END;
$$;

CREATE TRIGGER user_state_before_new_key
    BEFORE UPDATE OF tenant_id, script_id, id ON user_state
    FOR EACH ROW
    WHEN ((OLD.tenant_id, OLD.script_id, OLD.id)
          IS DISTINCT FROM (NEW.tenant_id, NEW.script_id, NEW.id))
    EXECUTE FUNCTION refuse_new_key();
