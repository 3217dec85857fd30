-- A run state belongs to its script and its user state by their counts: what inserts one moves both
-- counts in the same transaction, which finds out whether the parents are there, and keeps them from
-- going. Foreign keys asked the same once more for each row, which was a quarter of what a create
-- costs the database.

ALTER TABLE device_state
    DROP CONSTRAINT device_state_script,
    DROP CONSTRAINT device_state_user_state;

-- As before, but a count that is missing is a parent that is missing. And what a user counts as
-- follows from the new counts here, and not in a trigger of their own.
CREATE OR REPLACE FUNCTION move_device_counts() RETURNS trigger
    LANGUAGE plpgsql AS
$$
DECLARE
    sign bigint := TG_ARGV[0];
    -- How many of the states are of a user, and how many found no count of a parent.
    of_users bigint;
    missing bigint;
BEGIN
    -- Whoever moves counts locks those of scripts first, in the order of their keys; so who has these
    -- has the user states of the scripts to itself.
    WITH locked AS MATERIALIZED (
        SELECT it.tenant_id, it.script_id, change.states, change.success, change.error
        FROM (
            SELECT tenant_id, script_id,
                   sign * count(*) AS states,
                   sign * count(*) FILTER (WHERE run_state = 'success') AS success,
                   sign * count(*) FILTER (WHERE run_state IN ('fail', 'scriptError')) AS error
            FROM moved
            GROUP BY tenant_id, script_id
        ) AS change
        JOIN script_counts AS it
            ON it.tenant_id = change.tenant_id AND it.script_id = change.script_id
        ORDER BY it.tenant_id, it.script_id
        FOR NO KEY UPDATE OF it
    ), counted AS (
        UPDATE script_counts AS it
        SET success_device_count = moved_count(it.success_device_count, locked.success),
            error_device_count = moved_count(it.error_device_count, locked.error),
            counted_success_devices = it.counted_success_devices + locked.success,
            counted_error_devices = it.counted_error_devices + locked.error,
            counted_device_states = it.counted_device_states + locked.states
        FROM locked
        WHERE it.tenant_id = locked.tenant_id AND it.script_id = locked.script_id
        RETURNING locked.states
    )
    SELECT count(user_state_id), count(*) - coalesce(sign * (SELECT sum(states) FROM counted), 0)
    INTO of_users, missing
    FROM moved;

    IF of_users > 0 THEN
        WITH counted AS (
            UPDATE user_state AS it
            SET success_device_count = moved_count(it.success_device_count, change.success),
                error_device_count = moved_count(it.error_device_count, change.error),
                counted_success = it.counted_success + change.success,
                counted_error = it.counted_error + change.error,
                counted_device_states = it.counted_device_states + change.states
            FROM (
                SELECT tenant_id, script_id, user_state_id,
                       sign * count(*) AS states,
                       sign * count(*) FILTER (WHERE run_state = 'success') AS success,
                       sign * count(*) FILTER (WHERE run_state IN ('fail', 'scriptError'))
                           AS error
                FROM moved
                WHERE user_state_id IS NOT NULL
                GROUP BY tenant_id, script_id, user_state_id
            ) AS change
            WHERE it.tenant_id = change.tenant_id AND it.script_id = change.script_id
              AND it.id = change.user_state_id
            RETURNING it.tenant_id, it.script_id, change.states,
                -- What the user counts as now, less what they counted as before.
                (it.counted_error <= 0 AND it.counted_success > 0)::integer
                    - (it.counted_error <= change.error
                       AND it.counted_success > change.success)::integer AS success,
                (it.counted_error > 0)::integer
                    - (it.counted_error > change.error)::integer AS error
        ), users_counted AS (
            UPDATE script_counts AS it
            SET success_user_count = moved_count(it.success_user_count, change.success),
                error_user_count = moved_count(it.error_user_count, change.error),
                counted_success_users = it.counted_success_users + change.success,
                counted_error_users = it.counted_error_users + change.error
            FROM (
                -- Most changes leave a user what they were, and touch no script.
                SELECT tenant_id, script_id, sum(success) AS success, sum(error) AS error
                FROM counted
                WHERE success <> 0 OR error <> 0
                GROUP BY tenant_id, script_id
            ) AS change
            WHERE it.tenant_id = change.tenant_id AND it.script_id = change.script_id
        )
        SELECT missing + of_users - coalesce(sign * sum(states), 0) INTO missing FROM counted;
    END IF;

    IF sign = 1 AND missing > 0 THEN
        RAISE foreign_key_violation USING
            MESSAGE = 'a run state needs its script, and the user state that it names',
            TABLE = 'device_state', CONSTRAINT = 'device_state_parents';
    END IF;
    RETURN NULL;
END;
$$;

DROP TRIGGER user_state_changed ON user_state;
DROP FUNCTION move_changed_user_counts();

-- What foreign keys took along goes by triggers. The server's creates lock their parents, and wait
-- here for one that goes; a state that was written past the server holds the counts until it is
-- committed, and is seen then.
CREATE FUNCTION remove_states_of_script() RETURNS trigger
    LANGUAGE plpgsql AS
$$
BEGIN
    DELETE FROM device_state WHERE tenant_id = OLD.tenant_id AND script_id = OLD.id;
    PERFORM FROM script_counts
    WHERE tenant_id = OLD.tenant_id AND script_id = OLD.id
    FOR UPDATE;
    -- Again, for those that were not yet committed.
    DELETE FROM device_state WHERE tenant_id = OLD.tenant_id AND script_id = OLD.id;
    RETURN OLD;
END;
$$;

CREATE TRIGGER script_goes BEFORE DELETE ON script
    FOR EACH ROW EXECUTE FUNCTION remove_states_of_script();

CREATE FUNCTION remove_states_of_user() RETURNS trigger
    LANGUAGE plpgsql AS
$$
BEGIN
    -- Where the script goes, its states have gone already.
    IF EXISTS (SELECT FROM device_state
               WHERE tenant_id = OLD.tenant_id AND script_id = OLD.script_id
                 AND user_state_id = OLD.id) THEN
        DELETE FROM device_state
        WHERE tenant_id = OLD.tenant_id AND script_id = OLD.script_id AND user_state_id = OLD.id;
    END IF;
    RETURN NULL;
END;
$$;

CREATE TRIGGER user_state_has_gone AFTER DELETE ON user_state
    FOR EACH ROW EXECUTE FUNCTION remove_states_of_user();

-- The key of a script cannot change, since its counts refer to it. Nor may that of a user state.
CREATE FUNCTION refuse_new_key() RETURNS trigger
    LANGUAGE plpgsql AS
$$
BEGIN
    RAISE foreign_key_violation USING MESSAGE = 'run states refer to the key of a user state',
        TABLE = 'device_state', CONSTRAINT = 'device_state_parents';
END;
$$;

CREATE TRIGGER user_state_key_changes
    BEFORE UPDATE OF tenant_id, script_id, id ON user_state
    FOR EACH ROW
    WHEN ((OLD.tenant_id, OLD.script_id, OLD.id)
          IS DISTINCT FROM (NEW.tenant_id, NEW.script_id, NEW.id))
    EXECUTE FUNCTION refuse_new_key();

-- Triggers do what they do as the owner, and nobody calls what they run. A function that is replaced
-- is the caller's again.
DO $$
DECLARE
    own text := current_schema();
    name text;
BEGIN
    EXECUTE format('REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA %I FROM PUBLIC', own);
    FOREACH name IN ARRAY ARRAY[
        'move_device_counts', 'remove_states_of_script', 'remove_states_of_user', 'refuse_new_key'
    ] LOOP
        EXECUTE format('ALTER FUNCTION %I() SECURITY DEFINER SET search_path = %I, pg_temp',
                       name, own);
    END LOOP;
END;
$$;
