-- As before, in a language that keeps its plan: as one of SQL's own the function was planned anew for
-- each page, which took longer than all else that it does.
CREATE OR REPLACE FUNCTION skip_token(tenant uuid, collection text, scan text, place text[])
    RETURNS text
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
