-- User states: how a script's runs went on the devices of one user.
--
-- `success_device_count` and `error_device_count` are what clients see and may set. The columns
-- `counted_...` are the numbers of run states; only triggers write them (0010_counting.sql). When run
-- states change, both kinds move by the same amount.

CREATE TABLE user_state (
    tenant_id uuid NOT NULL,
    script_id uuid NOT NULL,
    id text COLLATE "C" NOT NULL,
    success_device_count integer NOT NULL,
    error_device_count integer NOT NULL,
    user_principal_name text COLLATE "C",
    counted_success integer NOT NULL DEFAULT 0,
    counted_error integer NOT NULL DEFAULT 0,
    counted_device_states bigint NOT NULL DEFAULT 0,
    -- The run states of the other values. Failures are the errors that are not a script error.
    counted_unknown integer NOT NULL DEFAULT 0,
    counted_script_error integer NOT NULL DEFAULT 0,
    counted_pending integer NOT NULL DEFAULT 0,
    counted_not_applicable integer NOT NULL DEFAULT 0,
    CONSTRAINT user_state_key PRIMARY KEY (tenant_id, script_id, id),
    CONSTRAINT user_state_script FOREIGN KEY (tenant_id, script_id)
        REFERENCES script ON DELETE CASCADE
) WITH (
    -- Counters are updated all the time. With free space in the page the new version of a row stays
    -- there, and no index has to be updated (a HOT update).
    fillfactor = 80
);

-- How many rows the planner expects of a script: see `device_state_of_script` in
-- 0006_device_states.sql.
CREATE STATISTICS user_state_of_script (dependencies) ON tenant_id, script_id FROM user_state;
ALTER TABLE user_state
    ALTER COLUMN tenant_id SET (n_distinct = 1),
    ALTER COLUMN script_id SET (n_distinct = 100);
