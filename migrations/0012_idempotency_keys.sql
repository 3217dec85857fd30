-- Idempotency keys: the keys that clients send with writes (header `Idempotency-Key`), each with the
-- reply to that write, kept for a day. A retry with the same key gets the same reply. The row is
-- inserted in the transaction of the write, so a key exists if and only if its write was committed.

CREATE TABLE idempotency_key (
    tenant_id uuid NOT NULL,
    caller text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    fingerprint bytea NOT NULL,
    kept_until timestamptz NOT NULL,
    -- The reply. It is null until the transaction of the write ends, so no other transaction ever
    -- sees it null.
    status integer,
    header_names text[],
    header_values text[],
    body bytea,
    CONSTRAINT idempotency_key_key PRIMARY KEY (tenant_id, caller, key)
);

CREATE INDEX idempotency_key_kept_until ON idempotency_key (kept_until);

-- Each statement that inserts a key deletes up to ten expired keys of any tenant. More keys are
-- deleted than inserted, so the table keeps about a day's keys. Keys that another transaction has
-- locked are skipped, a later statement deletes them.
CREATE FUNCTION remove_old_idempotency_keys() RETURNS trigger
    LANGUAGE plpgsql AS
$$
BEGIN
    DELETE FROM idempotency_key WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM idempotency_key
        WHERE kept_until <= now() AND kept_until <= present_time(tenant_id)
        ORDER BY kept_until
        LIMIT 10
        FOR UPDATE SKIP LOCKED));
    RETURN NULL;
END;
$$;

CREATE TRIGGER idempotency_key_after_insert AFTER INSERT ON idempotency_key
    FOR EACH STATEMENT EXECUTE FUNCTION remove_old_idempotency_keys();
