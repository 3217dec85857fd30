-- The keys that clients sent with writes (the header Idempotency-Key), each with the reply, for as
-- long as a retry is answered by it. A row is made in the transaction of the write: there is a key
-- where the write has been committed, and none where it has not.

CREATE TABLE idempotency_key (
    tenant_id uuid NOT NULL,
    caller text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    fingerprint bytea NOT NULL,
    kept_until timestamptz NOT NULL,
    -- The reply is null as long as its transaction is under way, so nobody else sees it null.
    status integer,
    header_names text[],
    header_values text[],
    body bytea,
    CONSTRAINT idempotency_key_key PRIMARY KEY (tenant_id, caller, key)
);

CREATE INDEX idempotency_key_kept_until ON idempotency_key (kept_until);

-- Each statement that takes a key removes a few whose time is over, of whichever tenant. More go
-- than come, so the table holds what a day brought and no more; those that another transaction is
-- busy with are left to the next.
CREATE FUNCTION remove_old_idempotency_keys() RETURNS trigger
    LANGUAGE plpgsql AS
$$
BEGIN
    DELETE FROM idempotency_key WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM idempotency_key
        WHERE kept_until <= now()
        ORDER BY kept_until
        LIMIT 10
        FOR UPDATE SKIP LOCKED));
    RETURN NULL;
END;
$$;

CREATE TRIGGER idempotency_key_came AFTER INSERT ON idempotency_key
    FOR EACH STATEMENT EXECUTE FUNCTION remove_old_idempotency_keys();
