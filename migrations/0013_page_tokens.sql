-- Page tokens: `$skiptoken` of an `@odata.nextLink` says where the last page ended. The server signs it,
-- so that a client cannot make one. The key is one row, made here at random. Each server reads it when
-- it starts, so all servers of this database accept each other's tokens.

CREATE TABLE page_token_key (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    key bytea NOT NULL
);

INSERT INTO page_token_key (key)
    SELECT sha256((gen_random_uuid()::text || gen_random_uuid()::text)::bytea);
