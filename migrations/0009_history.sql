-- History: the versions of run states.
--
-- `device_state` has the current version of each run state. An update that changes a run state, or a
-- delete, moves the superseded version to `device_state_history`, in the same statement
-- (0010_counting.sql). A create writes nothing here, and an update that repeats the same values makes
-- no version. The version numbers of a run state have no gaps, and a version begins at the time when
-- the one before it ends.
--
-- Versions are dropped by partition, not by row: a DELETE of millions of rows would take minutes and
-- leave as much space for VACUUM. So a version is stored by how long it is kept, and by when that
-- began. Rows are only appended, to one partition for each class of retention. When the last version of
-- a partition is too old, the partition is dropped with all of them.
--
-- There is no primary key: it would need the columns of the partitions. The trigger makes version numbers
-- unique, under the lock of the run state's row. There is no foreign key either: a version outlives its
-- run state, though nobody can read it then.

CREATE TABLE device_state_history (
    tenant_id uuid NOT NULL,
    script_id uuid NOT NULL,
    id text COLLATE "C" NOT NULL,
    user_state_id text COLLATE "C",
    last_state_update bigint NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz NOT NULL,
    run_state run_state NOT NULL,
    error_code integer NOT NULL,
    version integer NOT NULL,
    last_state_update_offset smallint NOT NULL,
    -- How long this version is kept: the policy of its script when it was superseded.
    history_days smallint NOT NULL,
    -- Whether it ended because the run state was deleted.
    removed boolean NOT NULL,
    result_message text COLLATE "C",
    error_description text COLLATE "C",
    managed_device_id text COLLATE "C"
) PARTITION BY RANGE (history_days, valid_to);

CREATE INDEX device_state_history_of_state
    ON device_state_history (tenant_id, script_id, id, version);

-- Takes versions whose partition is missing, so that a report never fails for that. It stays empty as
-- long as partitions are made ahead.
CREATE TABLE device_state_history_other PARTITION OF device_state_history DEFAULT;

-- The class in which a version of a tenant is stored: the days of its policy. The test twin replaces this
-- function as well (twin/on.sql).
CREATE FUNCTION stored_history_days(tenant uuid, days smallint) RETURNS smallint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN days;

-- When a version ends that began at a time: now, and never before it began. The present is not the
-- start of the transaction: a transaction may have waited for one that started later.
CREATE FUNCTION end_of_version(tenant uuid, valid_from timestamptz) RETURNS timestamptz
    LANGUAGE sql VOLATILE PARALLEL SAFE
RETURN greatest(present_time(tenant), valid_from + interval '1 microsecond');

-- Whether the values of two versions differ.
CREATE FUNCTION is_other_version(one device_state, other device_state) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (one.run_state, one.last_state_update, one.last_state_update_offset, one.error_code,
        one.result_message, one.error_description, one.managed_device_id, one.user_state_id)
       IS DISTINCT FROM
       (other.run_state, other.last_state_update, other.last_state_update_offset, other.error_code,
        other.result_message, other.error_description, other.managed_device_id,
        other.user_state_id);

-- The day of a tenant, in UTC.
CREATE FUNCTION present_day(tenant uuid) RETURNS date
    LANGUAGE sql VOLATILE PARALLEL SAFE
RETURN (present_time(tenant) AT TIME ZONE 'UTC')::date;

-- Notes that a run state was reported, and starts a version of it if a value differs.
CREATE FUNCTION start_version() RETURNS trigger
    LANGUAGE plpgsql AS
$$
BEGIN
    NEW.reported = present_day(OLD.tenant_id);
    IF is_other_version(OLD, NEW) THEN
        NEW.version = OLD.version + 1;
        NEW.first_valid_from = coalesce(OLD.first_valid_from, OLD.valid_from);
        NEW.valid_from = end_of_version(OLD.tenant_id, OLD.valid_from);
    END IF;
    RETURN NEW;
END;
$$;

-- Reports mostly repeat what is stored, several times a day. Those do not call the function.
CREATE TRIGGER device_state_before_update BEFORE UPDATE ON device_state
    FOR EACH ROW
    WHEN (OLD.reported <> present_day(OLD.tenant_id) OR is_other_version(OLD, NEW))
    EXECUTE FUNCTION start_version();

-- All versions of each run state, each in the form of the run state: the current one, and those in
-- the history that the policy keeps. A run state that was deleted and made again has no versions of its
-- former life. The view has the rights of its caller, so row-level security holds.
CREATE VIEW device_state_at WITH (security_invoker = true) AS
    SELECT current.tenant_id, current.script_id, current.id, versions.user_state_id,
           versions.run_state, versions.result_message, versions.last_state_update,
           versions.last_state_update_offset, versions.error_code, versions.error_description,
           versions.managed_device_id, versions.version,
           ticks(versions.valid_from) AS valid_from, 0::smallint AS valid_from_offset,
           ticks(versions.valid_to) AS valid_to, 0::smallint AS valid_to_offset
    FROM device_state AS current
    CROSS JOIN LATERAL (
        SELECT current.user_state_id, current.run_state, current.result_message,
               current.last_state_update, current.last_state_update_offset, current.error_code,
               current.error_description, current.managed_device_id, current.version,
               current.valid_from, NULL::timestamptz AS valid_to
        UNION ALL
        SELECT history.user_state_id, history.run_state, history.result_message,
               history.last_state_update, history.last_state_update_offset, history.error_code,
               history.error_description, history.managed_device_id, history.version,
               history.valid_from, history.valid_to
        FROM device_state_history AS history
        JOIN retention_of_script AS policy
            ON policy.tenant_id = history.tenant_id AND policy.script_id = history.script_id
        WHERE history.tenant_id = current.tenant_id AND history.script_id = current.script_id
          AND history.id = current.id
          AND history.valid_from >= current.first_valid_from
          AND history.version > current.version::bigint - policy.history_versions
          AND history.valid_to
              > present_time(current.tenant_id) - policy.history_days * interval '1 day'
    ) AS versions;

-- The same versions as entities of their own: `id` is the version, `state_id` the run state.
CREATE VIEW device_state_version WITH (security_invoker = true) AS
    SELECT tenant_id, script_id, id AS state_id, version::text COLLATE "C" AS id, run_state,
           result_message, last_state_update, last_state_update_offset, error_code,
           error_description, version, valid_from, valid_from_offset, valid_to, valid_to_offset
    FROM device_state_at;

-- The partitions: which versions each has, those superseded from `starts` on and before `ends`.
CREATE VIEW history_partition AS
    SELECT partition.oid::regclass AS name, bounds[1]::smallint AS history_days,
           bounds[2]::timestamptz AS starts, bounds[3]::timestamptz AS ends
    FROM pg_inherits
    JOIN pg_class AS partition ON partition.oid = inhrelid
    CROSS JOIN LATERAL regexp_match(
        pg_get_expr(relpartbound, partition.oid),
        'FROM \(''?(\d+)''?, ''([^'']+)''\) TO \(''?\d+''?, ''([^'']+)''\)') AS bounds
    WHERE inhparent = 'device_state_history'::regclass AND bounds IS NOT NULL;

-- The classes of retention: how much time a partition of each has, and how many partitions are made
-- ahead. A partition of versions that are kept longer has more of them.
CREATE VIEW history_class (history_days, width, ahead) AS
    VALUES (7, 'day', 7), (30, 'day', 7), (90, 'week', 2), (365, 'month', 2), (32767, 'year', 2);

-- Makes a partition, and moves the versions there that had none, unless there is one of this name. It is
-- made first and attached then, which blocks nobody who reads or writes other partitions.
CREATE FUNCTION add_history_partition(
    history_days smallint, starts timestamptz, ends timestamptz) RETURNS void
    LANGUAGE plpgsql
    SET timezone = 'UTC' AS
$$
DECLARE
    name text := format('device_state_history_%s_%s', history_days, to_char(starts, 'YYYYMMDD'));
BEGIN
    IF to_regclass(name) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE device_state_history INCLUDING ALL)', name);
    EXECUTE format(
        'WITH moved AS (
             DELETE FROM device_state_history_other
             WHERE history_days = %s AND valid_to >= %L AND valid_to < %L
             RETURNING *)
         INSERT INTO %I SELECT * FROM moved',
        history_days, starts, ends, name);
    EXECUTE format(
        'ALTER TABLE device_state_history ATTACH PARTITION %I '
        'FOR VALUES FROM (%L, %L) TO (%2$L, %4$L)',
        name, history_days, starts, ends);
END;
$$;

-- Makes the partitions of the present, of some time ahead, and of the versions that had no partition.
CREATE PROCEDURE add_history_partitions()
    LANGUAGE plpgsql
    SET lock_timeout = '200ms'
    SET timezone = 'UTC' AS
$$
DECLARE
    missing record;
BEGIN
    -- Nobody adds such versions while their partition is made.
    IF EXISTS (SELECT FROM device_state_history_other) THEN
        LOCK TABLE device_state_history_other;
    END IF;
    FOR missing IN
        SELECT class.history_days, starts, starts + ('1 ' || class.width)::interval AS ends
        FROM history_class AS class
        CROSS JOIN LATERAL (
            SELECT date_trunc(class.width, now()) + place * ('1 ' || class.width)::interval
            FROM generate_series(0, class.ahead) AS place
            UNION
            SELECT date_trunc(class.width, valid_to) FROM device_state_history_other AS other
            WHERE other.history_days = class.history_days) AS starts (starts)
        ORDER BY class.history_days, starts
    LOOP
        PERFORM add_history_partition(
            missing.history_days::smallint, missing.starts, missing.ends);
    END LOOP;
END;
$$;

CALL add_history_partitions();

-- Drops one partition whose versions are all too old. `remains` says whether there was one, so that
-- there may be another. The first call empties the partition, which gives its space back and locks
-- nothing else. The next call drops it; that waits for everyone who uses the table, a moment at
-- most, else it fails and is repeated later.
CREATE PROCEDURE drop_history_partition(INOUT remains boolean DEFAULT NULL)
    LANGUAGE plpgsql
    SET lock_timeout = '200ms' AS
$$
DECLARE
    due regclass;
    is_empty boolean;
BEGIN
    SELECT name INTO due FROM history_partition
    WHERE history_days <> 32767 AND ends <= now() - history_days * interval '1 day'
    ORDER BY ends, name
    LIMIT 1;
    remains = due IS NOT NULL;
    IF remains THEN
        EXECUTE format('SELECT NOT EXISTS (SELECT FROM %s)', due) INTO is_empty;
        EXECUTE format(CASE WHEN is_empty THEN 'DROP TABLE %s' ELSE 'TRUNCATE %s' END, due);
    END IF;
END;
$$;

-- How many partitions are ahead in the class that has the fewest, whether versions wait for theirs, and
-- when the oldest partition with a version starts, in seconds since 1970.
CREATE PROCEDURE check_history_partitions(
    INOUT ahead bigint DEFAULT NULL, INOUT has_other boolean DEFAULT NULL,
    INOUT oldest double precision DEFAULT NULL)
    LANGUAGE plpgsql AS
$$
DECLARE
    candidate record;
    has_version boolean;
BEGIN
    SELECT min(made) INTO ahead FROM (
        SELECT count(starts) AS made
        FROM history_class AS class
        LEFT JOIN history_partition AS partition
            ON partition.history_days = class.history_days AND starts > now()
        GROUP BY class.history_days) AS classes;
    has_other = EXISTS (SELECT FROM device_state_history_other);
    FOR candidate IN SELECT name, starts FROM history_partition ORDER BY starts, name LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', candidate.name) INTO has_version;
        IF has_version THEN
            oldest = extract(epoch FROM candidate.starts);
            EXIT;
        END IF;
    END LOOP;
END;
$$;

-- What the history of a tenant, or of the script `holder`, takes: how many versions are stored, their
-- size without indexes, and when the oldest of them began. Versions that no policy shows any more, and
-- those of deleted run states, count until their partition is dropped.
--
-- The cost has a limit. Up to 10,000 versions are counted, through the index. If there are more, a
-- sample of about 2,000 pages of the whole table gives an estimate.
CREATE FUNCTION history_usage(
    tenant uuid, holder uuid, OUT versions bigint, OUT bytes bigint, OUT oldest_version timestamptz,
    OUT is_estimate boolean)
    LANGUAGE plpgsql STABLE
    SET enable_seqscan = off
    SET enable_bitmapscan = off AS
$$
DECLARE
    most CONSTANT bigint := 10000;
    first_script uuid := coalesce(holder, '00000000-0000-0000-0000-000000000000');
    last_script uuid := coalesce(holder, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
    share double precision;
BEGIN
    SELECT count(*), coalesce(sum(size), 0), min(valid_from) INTO versions, bytes, oldest_version
    FROM (SELECT valid_from, pg_column_size(history) AS size FROM device_state_history AS history
          WHERE tenant_id = tenant AND script_id BETWEEN first_script AND last_script
          LIMIT most + 1) AS counted;
    is_estimate = versions > most;
    IF is_estimate THEN
        SELECT least(100, 100 * 2000 * 8192.0 / greatest(sum(pg_relation_size(inhrelid)), 1))
        INTO share
        FROM pg_inherits WHERE inhparent = 'device_state_history'::regclass;
        SELECT greatest(most, round(count(*) * 100 / share)),
               greatest(bytes, round(coalesce(sum(pg_column_size(history)), 0) * 100 / share)),
               least(oldest_version, min(valid_from))
        INTO versions, bytes, oldest_version
        FROM device_state_history AS history TABLESAMPLE SYSTEM (share)
        WHERE tenant_id = tenant AND script_id BETWEEN first_script AND last_script;
    END IF;
END;
$$;

-- All stored versions, with the script that each is of, for `runstate purge`. Only the owner may use it.
CREATE VIEW stored_version AS
    SELECT tenant_id, script_id AS holder_id FROM device_state_history;
