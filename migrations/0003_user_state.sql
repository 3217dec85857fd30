-- How a script's runs went on the devices of one user. The counts follow device_state; a client may
-- set those it sees, the counted ones are what the rows say.

CREATE TABLE user_state (
    tenant_id uuid NOT NULL,
    script_id uuid NOT NULL,
    id text COLLATE "C" NOT NULL,
    success_device_count integer NOT NULL,
    error_device_count integer NOT NULL,
    user_principal_name text COLLATE "C",
    counted_success integer NOT NULL DEFAULT 0,
    counted_error integer NOT NULL DEFAULT 0,
    CONSTRAINT user_state_key PRIMARY KEY (tenant_id, script_id, id),
    CONSTRAINT user_state_script FOREIGN KEY (tenant_id, script_id)
        REFERENCES script ON DELETE CASCADE
);
