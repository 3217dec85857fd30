-- Finds the states that are not 'success', each kind by itself, among any number of others. A row
-- pays for one of these indexes at most, and a success for none: most runs succeed, so they are read
-- along the primary key. An index of all kinds together, with run_state in its key, would not do:
-- the policies of row-level security let only some operators into the search of an index, and that
-- of enumerations is not among them; but the kind that an index is of needs no search.
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
