-- Page tokens: `$skiptoken` of an `@odata.nextLink` says where the last page ended. It is signed, so
-- that a client cannot make one. The key is one row, made here at random and shared by all servers of
-- this database, so that each server accepts the tokens of the others.

CREATE TABLE page_token_key (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    key bytea NOT NULL
);

INSERT INTO page_token_key (key)
    SELECT sha256((gen_random_uuid()::text || gen_random_uuid()::text)::bytea);

-- The token for the page after a position in a collection: base64url of a signature and of what it
-- signs. The tenant is part of the signature, so a token is valid for its tenant only. In PL/pgSQL,
-- which keeps the plans of its statements: as a function of SQL it would be planned for each page.
CREATE FUNCTION skip_token(tenant uuid, collection text, scan text, place text[]) RETURNS text
    LANGUAGE plpgsql STABLE STRICT AS
$$
DECLARE
    secret bytea := (SELECT key FROM page_token_key);
    payload bytea := convert_to(
        json_build_object('collection', collection, 'scan', scan, 'after', place)::text, 'UTF8');
BEGIN
    RETURN translate(
        encode(sha256(secret || uuid_send(tenant) || sha256(payload)) || payload, 'base64'),
        E'+/=\n', '-_');
END;
$$;
