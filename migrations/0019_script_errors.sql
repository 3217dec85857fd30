-- Script errors by time and by error code: two indexes of run states, as failures have them. A console
-- asks both questions of both kinds, and without these it reads all script errors of a script, or all
-- its run states of the time.
--
-- Upgrade: index on device_state
-- Upgrade: index on device_state
--
-- A state that is no script error is in neither, and costs nothing. Not built concurrently: that
-- cannot be part of a transaction, and a restore makes the whole schema in one.

SET LOCAL lock_timeout = '2s';

CREATE INDEX device_state_script_error_by_time
    ON device_state (tenant_id, script_id, last_state_update) WHERE run_state = 'scriptError';
CREATE INDEX device_state_script_error_by_code
    ON device_state (tenant_id, script_id, error_code, id) WHERE run_state = 'scriptError';
