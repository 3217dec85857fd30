-- Counts: how all runs of a script went, one row for each script. It serves `runSummary`, and `$count`
-- of a script's run states and user states, so that nobody has to count rows. A row has the id of its
-- script.
--
-- As in `user_state`, clients see and may set the columns without prefix, and only triggers write
-- the columns `counted_...`.

CREATE TABLE script_counts (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    success_device_count integer NOT NULL DEFAULT 0,
    error_device_count integer NOT NULL DEFAULT 0,
    success_user_count integer NOT NULL DEFAULT 0,
    error_user_count integer NOT NULL DEFAULT 0,
    counted_success_devices integer NOT NULL DEFAULT 0,
    counted_error_devices integer NOT NULL DEFAULT 0,
    counted_success_users integer NOT NULL DEFAULT 0,
    counted_error_users integer NOT NULL DEFAULT 0,
    counted_device_states bigint NOT NULL DEFAULT 0,
    counted_user_states bigint NOT NULL DEFAULT 0,
    -- The run states of each value, so that `$count` with a filter on `runState` counts no rows either.
    -- Failures have no column: they are the errors that are not a script error.
    counted_unknown_devices integer NOT NULL DEFAULT 0,
    counted_script_error_devices integer NOT NULL DEFAULT 0,
    counted_pending_devices integer NOT NULL DEFAULT 0,
    counted_not_applicable_devices integer NOT NULL DEFAULT 0,
    CONSTRAINT script_counts_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT script_counts_script FOREIGN KEY (tenant_id, id)
        REFERENCES script ON DELETE CASCADE
) WITH (fillfactor = 60); -- see `user_state`; a script's counters change more often

-- A script gets its counts when it is created. The foreign key deletes them with it.
CREATE FUNCTION add_script_counts() RETURNS trigger
    LANGUAGE plpgsql AS
$$
BEGIN
    INSERT INTO script_counts (tenant_id, id) SELECT tenant_id, id FROM created;
    RETURN NULL;
END;
$$;

CREATE TRIGGER script_after_insert AFTER INSERT ON script
    REFERENCING NEW TABLE AS created
    FOR EACH STATEMENT EXECUTE FUNCTION add_script_counts();
