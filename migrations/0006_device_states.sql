-- Run states: how a script's latest run on one device ended. A run state that was reported for a user
-- belongs to that user state and to the script; without a user, `user_state_id` is null.
--
-- This is the table that grows and that most writes go to, so each index is paid for by every
-- create. It has no foreign keys to its parents: every insert updates the counters of its script and
-- of its user state in the same transaction, which already proves that the parents exist and keeps
-- them from being deleted (0010_counting.sql). Foreign keys would check the same again for each
-- row, and cost a quarter of a create's time in the database.

CREATE TYPE run_state AS ENUM
    ('unknown', 'success', 'fail', 'scriptError', 'pending', 'notApplicable');

CREATE TABLE device_state (
    tenant_id uuid NOT NULL,
    script_id uuid NOT NULL,
    id text COLLATE "C" NOT NULL,
    user_state_id text COLLATE "C",
    last_state_update bigint NOT NULL,
    -- When this version began, and when the first one did; null if this is the first one.
    valid_from timestamptz NOT NULL DEFAULT clock_timestamp(),
    first_valid_from timestamptz,
    run_state run_state NOT NULL,
    error_code integer NOT NULL,
    -- How often the state was different (0009_history.sql), and the day of the last report.
    version integer NOT NULL DEFAULT 1,
    reported date NOT NULL DEFAULT (now() AT TIME ZONE 'UTC')::date,
    last_state_update_offset smallint NOT NULL,
    result_message text COLLATE "C",
    error_description text COLLATE "C",
    managed_device_id text COLLATE "C",
    CONSTRAINT device_state_key PRIMARY KEY (tenant_id, script_id, id),
    -- A run state outlives its device.
    CONSTRAINT device_state_managed_device FOREIGN KEY (tenant_id, managed_device_id)
        REFERENCES managed_device ON DELETE SET NULL (managed_device_id)
);

-- The run states of one user: for pages of them, and when the user state is deleted.
CREATE INDEX device_state_of_user ON device_state (tenant_id, script_id, user_state_id, id)
    WHERE user_state_id IS NOT NULL;

-- The run states of one device: for filters on `managedDevice/id`, and when the device is deleted. The
-- script is in the key because such a filter is also asked of many scripts in one statement.
CREATE INDEX device_state_of_device ON device_state (tenant_id, managed_device_id, script_id)
    WHERE managed_device_id IS NOT NULL;

-- The run states by time: for the newest ones, and for ranges of time. The id, which breaks ties, is
-- not in the key: it would double the size of the index, and few rows have the same time. The
-- planner sorts those (an incremental sort).
--
-- The predicate is true for every time. It keeps the index away from lookups by key: in a new table,
-- which has no statistics yet, the planner takes one run state of a script to be as easily found in
-- this index as in the primary key, and a plan that reads all run states of the script stays in use.
-- Statements that order or filter by time repeat the predicate.
CREATE INDEX device_state_by_time ON device_state (tenant_id, script_id, last_state_update)
    WHERE last_state_update > -9000000000000000000;

-- Run states other than 'success', each kind in an index of its own, so that a filter finds a few
-- failures among millions of rows. Each row is in at most one of these indexes. A success, which
-- most runs are, is in none; successes are read along the primary key.
--
-- Failures have two more indexes: by time, and by error code.
--
-- One index with `run_state` in its key would not be used: under row-level security only operators
-- that are marked leakproof may be index conditions, and the comparison of enums is not. The
-- predicate of a partial index is no such condition.
CREATE INDEX device_state_unknown ON device_state (tenant_id, script_id, id)
    WHERE run_state = 'unknown';
CREATE INDEX device_state_fail ON device_state (tenant_id, script_id, id)
    WHERE run_state = 'fail';
CREATE INDEX device_state_script_error ON device_state (tenant_id, script_id, id)
    WHERE run_state = 'scriptError';
CREATE INDEX device_state_pending ON device_state (tenant_id, script_id, id)
    WHERE run_state = 'pending';
CREATE INDEX device_state_not_applicable ON device_state (tenant_id, script_id, id)
    WHERE run_state = 'notApplicable';

CREATE INDEX device_state_fail_by_time ON device_state (tenant_id, script_id, last_state_update)
    WHERE run_state = 'fail';
CREATE INDEX device_state_fail_by_code ON device_state (tenant_id, script_id, error_code, id)
    WHERE run_state = 'fail';

-- One plan serves all scripts, and it has to be good for large ones. If the planner expects few rows of
-- a script, it reads and sorts all of them for each page, instead of reading an index in its order. It
-- would expect too few for two reasons:
--
--   * It multiplies the shares of tenant and script, although a script belongs to one tenant. The
--     statistic says that one column depends on the other.
--   * It takes the average tenant and the average script, although a few may have most of the rows.
--     With `n_distinct` it expects the rows of the largest tenant, and a hundredth of the table for a
--     script, but never more than the largest script has.
--
-- Both have their effect after the next ANALYZE, by autovacuum or by hand.
CREATE STATISTICS device_state_of_script (dependencies) ON tenant_id, script_id FROM device_state;
ALTER TABLE device_state
    ALTER COLUMN tenant_id SET (n_distinct = 1),
    ALTER COLUMN script_id SET (n_distinct = 100);
