-- The test twin, switched off: everything is as the migrations made it, except for the tenants that the
-- twin made. They stay until it is switched on again.

DROP TRIGGER IF EXISTS device_state_before_insert ON device_state;
DROP TRIGGER IF EXISTS twin_tenant_after_insert ON twin_tenant;
DROP FUNCTION IF EXISTS begin_at_present_time(), begin_twin_tenant(), twin_begin(uuid),
    twin_fork(uuid, uuid), twin_wipe(uuid), twin_expire(uuid), is_twin_id(uuid);
DROP VIEW IF EXISTS twin_table;
DROP MATERIALIZED VIEW IF EXISTS tenant_table;
REVOKE ALL ON twin_tenant FROM runstate_server;

CREATE OR REPLACE FUNCTION present_time(tenant uuid) RETURNS timestamptz
    LANGUAGE sql VOLATILE PARALLEL SAFE
RETURN clock_timestamp();

CREATE OR REPLACE FUNCTION stored_history_days(tenant uuid, days smallint) RETURNS smallint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN days;

SELECT set_rights();
