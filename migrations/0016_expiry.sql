-- Expiry of run states: removes those whose last report is too old by the policy of their script, in
-- small batches while devices report.
--
-- `device_state.reported` has no index. It changes with the first report of each day, and an index on a
-- column that changes would make every such update write all other indexes as well (no HOT updates).
-- So the maintenance walks over the table by ranges of blocks, once a day, and again after a change of
-- a policy.

-- Where the walk is. It is stored, so that another server continues it.
CREATE TABLE expiry_walk (
    is_only_row boolean NOT NULL DEFAULT true CHECK (is_only_row),
    -- The policies for which the table is walked over, and their days.
    policies text,
    -- The block that is next; null if there is none.
    next_block bigint,
    CONSTRAINT expiry_walk_key PRIMARY KEY (is_only_row)
);

INSERT INTO expiry_walk DEFAULT VALUES;

-- The policies that decide about run states: of a tenant, or of a script. `first_day` is the first day
-- whose reports are kept; null if there is no limit, which is any number above a hundred years. A report
-- of the last minute of a day counts as one of the first minute, so a run state is kept for a day more.
CREATE VIEW expiring_policy AS
    SELECT tenant_id, script_id,
           CASE WHEN run_state_days <= 36500
                THEN present_day(tenant_id) - run_state_days END AS first_day
    FROM (SELECT tenant_id, NULL AS script_id, run_state_days FROM retention
          UNION ALL
          SELECT tenant_id, script_id, run_state_days FROM script_retention) AS policies
    WHERE run_state_days IS NOT NULL;

-- Removes up to 5,000 run states from the next 256 blocks, in a transaction of its own. `removed` is
-- their number, or null after the last block.
--
-- Locks are taken in the order of every write (0010_counting.sql): scripts, run states, counters. A run
-- state that somebody has locked is being reported, so it is skipped and nobody is waited for.
--
-- A run state that expires leaves no last version in the history. Nobody could read it, and a policy
-- that removes run states should not keep a copy for longer.
CREATE PROCEDURE remove_unreported(INOUT removed bigint DEFAULT NULL)
    LANGUAGE plpgsql
    SET lock_timeout = '2s' AS
$$
DECLARE
    range CONSTANT bigint := 256;
    most CONSTANT bigint := 5000;
    present_policies text;
    newest date;
    walk expiry_walk;
    due tid[];
BEGIN
    removed = NULL;
    SELECT md5(string_agg(concat_ws(' ', tenant_id, script_id, first_day), ','
                          ORDER BY tenant_id, script_id)),
           max(first_day)
    INTO present_policies, newest
    FROM expiring_policy;
    SELECT * INTO STRICT walk FROM expiry_walk FOR UPDATE;
    IF present_policies IS DISTINCT FROM walk.policies THEN
        walk.next_block = 0;
    END IF;
    IF newest IS NULL OR walk.next_block IS NULL THEN
        RETURN;
    END IF;

    WITH old AS MATERIALIZED (
        SELECT ctid, tenant_id, script_id, reported FROM device_state
        WHERE ctid >= format('(%s,0)', walk.next_block)::tid
          AND ctid < format('(%s,0)', walk.next_block + range)::tid
          AND reported < newest
    )
    SELECT array_agg(ctid) INTO due FROM (
        SELECT old.ctid
        FROM old
        JOIN retention_of_script AS policy
            ON policy.tenant_id = old.tenant_id AND policy.script_id = old.script_id
        WHERE policy.run_state_days <= 36500
          AND old.reported < present_day(old.tenant_id) - policy.run_state_days
        LIMIT most) AS found;

    PERFORM FROM script
    JOIN (SELECT DISTINCT tenant_id, script_id FROM device_state WHERE ctid = ANY (due)) AS of_due
        ON of_due.tenant_id = script.tenant_id AND of_due.script_id = script.id
    ORDER BY script.tenant_id, script.id
    FOR KEY SHARE OF script;

    PERFORM set_config('runstate.expires', 'on', true);
    -- A new row may have the place of one that was found. It was reported today.
    DELETE FROM device_state
    WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM device_state WHERE ctid = ANY (due) FOR UPDATE SKIP LOCKED))
      AND reported < newest;
    GET DIAGNOSTICS removed = ROW_COUNT;

    IF removed < most THEN
        walk.next_block = walk.next_block + range;
    END IF;
    IF walk.next_block >= pg_relation_size('device_state') / current_setting('block_size')::bigint THEN
        walk.next_block = NULL;
    END IF;
    UPDATE expiry_walk SET policies = present_policies, next_block = walk.next_block;
END;
$$;

SELECT set_rights();
