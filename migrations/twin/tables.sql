-- The test twin's own table, and its partition of the history. The owner runs this file before `on.sql`, and
-- `runstate upgrade-cluster` runs it where it brings the twin's tenants.

-- A tenant of the twin, or a snapshot, which is a tenant that no token names.
CREATE TABLE IF NOT EXISTS twin_tenant (
    id uuid PRIMARY KEY CHECK (id BETWEEN '7e570000-7714-8000-8000-000000000000'
                                      AND '7e570000-7714-8fff-bfff-ffffffffffff'),
    -- The `id` by which the control API names a tenant; null for a snapshot.
    handle text COLLATE "C" UNIQUE,
    -- The name of a snapshot; null for a tenant, and for a snapshot that only tenants refer to.
    snapshot text COLLATE "C" UNIQUE,
    -- The snapshot with the contents that a reset restores; null if the tenant began empty.
    start uuid REFERENCES twin_tenant ON DELETE SET NULL,
    -- What the control API was told about the tenant, as JSON.
    settings text NOT NULL,
    -- The clock shows `clock_at` at the real time `clock_since`, and passes `clock_rate` seconds in a
    -- second. All three are null if it shows the real time.
    clock_at timestamptz,
    clock_since timestamptz,
    clock_rate double precision,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Null for a snapshot.
    expires_at timestamptz,
    CHECK (handle IS NULL OR snapshot IS NULL)
);

CREATE INDEX IF NOT EXISTS twin_tenant_start ON twin_tenant (start);

-- The versions of the twin's tenants. In a database that was restored, the default partition has them.
DO $$
BEGIN
    IF to_regclass('device_state_history_twin') IS NOT NULL THEN
        RETURN;
    END IF;
    CREATE TABLE device_state_history_twin (LIKE device_state_history INCLUDING ALL);
    WITH moved AS (
        DELETE FROM device_state_history_other WHERE history_days = 32766 RETURNING *)
    INSERT INTO device_state_history_twin SELECT * FROM moved;
    ALTER TABLE device_state_history ATTACH PARTITION device_state_history_twin
        FOR VALUES FROM (32766, MINVALUE) TO (32766, MAXVALUE);
END;
$$;
