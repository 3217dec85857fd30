-- Recount: finds counters that differ from the rows, and corrects them. The triggers keep them equal,
-- so a difference means a fault, or that someone wrote with triggers disabled. `runstate recount`
-- uses what is here. It is for the database's owner, who sees the rows of all tenants; the server has
-- no rights to it.

-- What the counters of each user state should be.
CREATE VIEW user_state_rows AS
    SELECT tenant_id, script_id, id, coalesce(states, 0) AS states,
           coalesce(success, 0) AS success, coalesce(error, 0) AS error,
           coalesce(unknown, 0) AS unknown, coalesce(script_error, 0) AS script_error,
           coalesce(pending, 0) AS pending, coalesce(not_applicable, 0) AS not_applicable
    FROM user_state LEFT JOIN (
        SELECT tenant_id, script_id, user_state_id AS id, count(*) AS states,
               count(*) FILTER (WHERE run_state = 'success') AS success,
               count(*) FILTER (WHERE run_state IN ('fail', 'scriptError')) AS error,
               count(*) FILTER (WHERE run_state = 'unknown') AS unknown,
               count(*) FILTER (WHERE run_state = 'scriptError') AS script_error,
               count(*) FILTER (WHERE run_state = 'pending') AS pending,
               count(*) FILTER (WHERE run_state = 'notApplicable') AS not_applicable
        FROM device_state
        WHERE user_state_id IS NOT NULL
        GROUP BY tenant_id, script_id, user_state_id
    ) AS device_states USING (tenant_id, script_id, id);

-- What the counters of each script should be.
CREATE VIEW script_rows AS
    SELECT tenant_id, id, coalesce(device_states.states, 0) AS device_states,
           coalesce(device_states.success, 0) AS success_devices,
           coalesce(device_states.error, 0) AS error_devices,
           coalesce(device_states.unknown, 0) AS unknown_devices,
           coalesce(device_states.script_error, 0) AS script_error_devices,
           coalesce(device_states.pending, 0) AS pending_devices,
           coalesce(device_states.not_applicable, 0) AS not_applicable_devices,
           coalesce(user_states.states, 0) AS user_states,
           coalesce(user_states.success, 0) AS success_users,
           coalesce(user_states.error, 0) AS error_users
    FROM script_counts LEFT JOIN (
        SELECT tenant_id, script_id AS id, count(*) AS states,
               count(*) FILTER (WHERE run_state = 'success') AS success,
               count(*) FILTER (WHERE run_state IN ('fail', 'scriptError')) AS error,
               count(*) FILTER (WHERE run_state = 'unknown') AS unknown,
               count(*) FILTER (WHERE run_state = 'scriptError') AS script_error,
               count(*) FILTER (WHERE run_state = 'pending') AS pending,
               count(*) FILTER (WHERE run_state = 'notApplicable') AS not_applicable
        FROM device_state
        GROUP BY tenant_id, script_id
    ) AS device_states USING (tenant_id, id) LEFT JOIN (
        SELECT tenant_id, script_id AS id, count(*) AS states,
               count(*) FILTER (WHERE error <= 0 AND success > 0) AS success,
               count(*) FILTER (WHERE error > 0) AS error
        FROM user_state_rows
        GROUP BY tenant_id, script_id
    ) AS user_states USING (tenant_id, id);

-- The counters that differ from the rows. `entity` describes the entity that has the counter.
CREATE VIEW miscounted AS
    SELECT tenant_id, format('script %s, user state %s', script_id, id) AS entity, counter, counted,
           actual
    FROM user_state AS counts JOIN user_state_rows AS truth USING (tenant_id, script_id, id),
    LATERAL (VALUES
        ('counted_device_states', counted_device_states, states),
        ('counted_success', counted_success, success),
        ('counted_error', counted_error, error),
        ('counted_unknown', counted_unknown, unknown),
        ('counted_script_error', counted_script_error, script_error),
        ('counted_pending', counted_pending, pending),
        ('counted_not_applicable', counted_not_applicable, not_applicable)
    ) AS counters (counter, counted, actual)
    WHERE counted <> actual
    UNION ALL
    SELECT tenant_id, format('script %s', id), counter, counted, actual
    FROM script_counts AS counts JOIN script_rows AS truth USING (tenant_id, id),
    LATERAL (VALUES
        ('counted_device_states', counted_device_states, device_states),
        ('counted_success_devices', counted_success_devices, success_devices),
        ('counted_error_devices', counted_error_devices, error_devices),
        ('counted_unknown_devices', counted_unknown_devices, unknown_devices),
        ('counted_script_error_devices', counted_script_error_devices, script_error_devices),
        ('counted_pending_devices', counted_pending_devices, pending_devices),
        ('counted_not_applicable_devices', counted_not_applicable_devices,
         not_applicable_devices),
        ('counted_user_states', counted_user_states, user_states),
        ('counted_success_users', counted_success_users, success_users),
        ('counted_error_users', counted_error_users, error_users)
    ) AS counters (counter, counted, actual)
    WHERE counted <> actual;

-- Sets the counters to what the rows say, and moves the counts that clients see by the same amount.
-- Writes wait until it ends.
CREATE FUNCTION recount() RETURNS void
    LANGUAGE plpgsql AS
$$
BEGIN
    LOCK TABLE script_counts, user_state, device_state IN SHARE ROW EXCLUSIVE MODE;

    UPDATE user_state AS counts
    SET success_device_count =
            moved_count(counts.success_device_count, truth.success - counts.counted_success),
        error_device_count =
            moved_count(counts.error_device_count, truth.error - counts.counted_error),
        counted_device_states = truth.states,
        counted_success = truth.success,
        counted_error = truth.error,
        counted_unknown = truth.unknown,
        counted_script_error = truth.script_error,
        counted_pending = truth.pending,
        counted_not_applicable = truth.not_applicable
    FROM user_state_rows AS truth
    WHERE counts.tenant_id = truth.tenant_id AND counts.script_id = truth.script_id
      AND counts.id = truth.id
      AND (counts.counted_device_states, counts.counted_success, counts.counted_error,
           counts.counted_unknown, counts.counted_script_error, counts.counted_pending,
           counts.counted_not_applicable)
          <> (truth.states, truth.success, truth.error,
              truth.unknown, truth.script_error, truth.pending,
              truth.not_applicable);

    UPDATE script_counts AS counts
    SET success_device_count = moved_count(
            counts.success_device_count, truth.success_devices - counts.counted_success_devices),
        error_device_count = moved_count(
            counts.error_device_count, truth.error_devices - counts.counted_error_devices),
        success_user_count = moved_count(
            counts.success_user_count, truth.success_users - counts.counted_success_users),
        error_user_count = moved_count(
            counts.error_user_count, truth.error_users - counts.counted_error_users),
        counted_device_states = truth.device_states,
        counted_success_devices = truth.success_devices,
        counted_error_devices = truth.error_devices,
        counted_unknown_devices = truth.unknown_devices,
        counted_script_error_devices = truth.script_error_devices,
        counted_pending_devices = truth.pending_devices,
        counted_not_applicable_devices = truth.not_applicable_devices,
        counted_user_states = truth.user_states,
        counted_success_users = truth.success_users,
        counted_error_users = truth.error_users
    FROM script_rows AS truth
    WHERE counts.tenant_id = truth.tenant_id AND counts.id = truth.id
      AND (counts.counted_device_states, counts.counted_success_devices,
           counts.counted_error_devices, counts.counted_unknown_devices,
           counts.counted_script_error_devices, counts.counted_pending_devices,
           counts.counted_not_applicable_devices, counts.counted_user_states,
           counts.counted_success_users, counts.counted_error_users)
          <> (truth.device_states, truth.success_devices,
              truth.error_devices, truth.unknown_devices,
              truth.script_error_devices, truth.pending_devices,
              truth.not_applicable_devices, truth.user_states,
              truth.success_users, truth.error_users);
END;
$$;
