-- Counting in order: the counters of user states change in the order of their keys, as those of scripts do.
--
-- Upgrade: new objects
--
-- A device changes its user state while another one reports a run state below it. The first statement locks
-- user states in the order of their keys. The second one locked them in the order in which the planner
-- grouped the run states, so the two could deadlock. The functions of 0010_counting.sql stay as they are
-- but for this order, and keep their owner and their rights.
DO $migration$
DECLARE
    event text;
    present text;
    ordered text;
BEGIN
    FOREACH event IN ARRAY ARRAY['insert', 'delete', 'update'] LOOP
        present = pg_get_functiondef(format('count_device_states_after_%s()', event)::regprocedure);
        ordered = regexp_replace(
            present,
            'FROM change(\s+WHERE counts\.tenant_id = ANY \(ARRAY\[change\.tenant_id\]\)'
            '\s+AND counts\.script_id)',
            'FROM (SELECT * FROM change ORDER BY tenant_id, script_id, user_state_id) AS change\1');
        IF ordered = present THEN
            RAISE 'the function that counts after % has no such statement', event;
        END IF;
        EXECUTE ordered;
    END LOOP;
END;
$migration$;
