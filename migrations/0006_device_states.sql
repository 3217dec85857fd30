-- Run states: how a script's latest run on one device ended. A run state that was reported for a user
-- belongs to that user state and to the script; without a user, `user_state_id` is null.
--
-- This is the table that grows and that most writes go to, so each index is paid for by every
-- create. It has no foreign keys to its parents: every insert updates the counters of its script and
-- of its user state in the same transaction, which already proves that the parents exist and keeps
-- them from being deleted (0008_counting.sql). Foreign keys would check the same again for each
-- row, and cost a quarter of a create's time in the database.

CREATE TYPE run_state AS ENUM
    ('unknown', 'success', 'fail', 'scriptError', 'pending', 'notApplicable');

CREATE TABLE device_state (
    tenant_id uuid NOT NULL,
    script_id uuid NOT NULL,
    id text COLLATE "C" NOT NULL,
    user_state_id text COLLATE "C",
    last_state_update bigint NOT NULL,
    last_state_update_offset smallint NOT NULL,
    run_state run_state NOT NULL,
    error_code integer NOT NULL,
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

-- The run states of one device: for filters on `managedDevice/id`, and when the device is deleted.
CREATE INDEX device_state_of_device ON device_state (tenant_id, managed_device_id)
    WHERE managed_device_id IS NOT NULL;

-- Run states other than 'success', each kind in an index of its own, so that a filter finds a few
-- failures among millions of rows. Each row is in at most one of these indexes. A success, which
-- most runs are, is in none; successes are read along the primary key.
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
