-- The metadata store: what is wanted (connections, replication_configs), what the job reports
-- (replication_status and the series), and who did what (audit_events).

CREATE TABLE connections (
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name          varchar(63) NOT NULL,
    host          text NOT NULL,
    port          integer NOT NULL CHECK (port BETWEEN 1 AND 65535),
    database_name text NOT NULL,
    username      text NOT NULL,
    secret        bytea,                     -- password, AES-256-GCM with the id as associated data
    ssl_mode      varchar(20) NOT NULL DEFAULT 'prefer',
    region        varchar(100),
    source        jsonb,                     -- slot, publication, tenancy: where it may be read from
    target        jsonb,                     -- lanes
    version       bigint NOT NULL DEFAULT 1, -- grows with every change: the feed takes the higher one
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    deleted_at    timestamptz                -- the feed must see what is gone; the secret is wiped
);
CREATE UNIQUE INDEX unique_connection_name ON connections (name) WHERE deleted_at IS NULL;

CREATE TABLE replication_configs (
    id                   uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id            varchar(255) NOT NULL,
    source_connection_id uuid NOT NULL REFERENCES connections (id),
    target_connection_id uuid NOT NULL REFERENCES connections (id),
    source_schema        varchar(63),
    target_schema        varchar(63),
    qos_tier             varchar(50) NOT NULL CHECK (qos_tier IN ('BestEffort', 'Standard', 'Premium', 'Synchronous')),
    max_lag_seconds      integer NOT NULL CHECK (max_lag_seconds >= 0),
    priority             smallint NOT NULL DEFAULT 50 CHECK (priority BETWEEN 0 AND 100),
    table_filter         jsonb,
    row_filter           jsonb,
    transforms           jsonb,
    compression          jsonb,
    encryption           jsonb,
    existing_rows        varchar(10) NOT NULL DEFAULT 'Fail' CHECK (existing_rows IN ('Fail', 'Replace')),
    -- The state that was last ordered; what the job reports is in replication_status.
    status               varchar(50) NOT NULL
        CHECK (status IN ('Initializing', 'Syncing', 'Streaming', 'Paused', 'FailingOver', 'Stopped', 'Error')),
    desired_state        varchar(20) NOT NULL DEFAULT 'Running' CHECK (desired_state IN ('Running', 'Paused', 'Stopped')),
    spec_version         bigint NOT NULL DEFAULT 1,
    resync_generation    integer NOT NULL DEFAULT 0, -- a higher one: copy the tenant anew
    retry_generation     integer NOT NULL DEFAULT 0, -- a higher one: try again after an error
    skip_position        text,                       -- the change that is to be left out after an error
    status_changed_at    timestamptz NOT NULL DEFAULT now(),
    created_at           timestamptz NOT NULL DEFAULT now(),
    updated_at           timestamptz NOT NULL DEFAULT now(),
    deleted_at           timestamptz
);
-- Partial, because a deleted replication stays until the history that names it is gone.
CREATE UNIQUE INDEX unique_tenant_source_target
    ON replication_configs (tenant_id, source_connection_id, target_connection_id) WHERE deleted_at IS NULL;
CREATE INDEX idx_replication_configs_tenant ON replication_configs (tenant_id);
CREATE INDEX idx_replication_configs_status ON replication_configs (status);
CREATE INDEX idx_replication_configs_qos ON replication_configs (qos_tier);
CREATE INDEX idx_replication_configs_created ON replication_configs (created_at DESC, id);
CREATE INDEX idx_replication_configs_source ON replication_configs (source_connection_id);
CREATE INDEX idx_replication_configs_target ON replication_configs (target_connection_id);
CREATE INDEX idx_replication_tenant_active ON replication_configs (tenant_id) WHERE status IN ('Syncing', 'Streaming');
CREATE INDEX idx_replication_priority_qos ON replication_configs (priority DESC, qos_tier) WHERE status = 'Streaming';

CREATE TABLE replication_spec_versions (
    replication_id uuid NOT NULL REFERENCES replication_configs (id) ON DELETE CASCADE,
    version        bigint NOT NULL,
    spec           jsonb NOT NULL,
    actor          text NOT NULL,
    created_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (replication_id, version)
);

-- One row per replication, written by the job only, so that reports are never part of the feed.
CREATE TABLE replication_status (
    replication_id          uuid PRIMARY KEY REFERENCES replication_configs (id) ON DELETE CASCADE,
    observed_version        bigint NOT NULL, -- the version of the spec that this state belongs to
    state                   varchar(50) NOT NULL
        CHECK (state IN ('Initializing', 'Syncing', 'Streaming', 'Paused', 'FailingOver', 'Stopped', 'Error')),
    state_before            varchar(50),     -- of an Error: where a retry goes back to
    error_code              text,
    reason                  text,
    position                text,            -- of an Error: the change that was refused
    replication_lag_seconds numeric(10, 3),
    replication_lag_bytes   bigint,
    rows_per_second         numeric(12, 2),
    bytes_per_second        bigint,
    total_rows              bigint NOT NULL DEFAULT 0,
    total_bytes             bigint NOT NULL DEFAULT 0,
    conflicts_detected      bigint NOT NULL DEFAULT 0,
    conflicts_resolved      bigint NOT NULL DEFAULT 0,
    compression_ratio       numeric(5, 2),
    running_since           timestamptz,
    reported_at             timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 70);

CREATE TABLE sync_progress (
    replication_id uuid NOT NULL REFERENCES replication_configs (id) ON DELETE CASCADE,
    table_name     text NOT NULL,
    state          varchar(20) NOT NULL CHECK (state IN ('Pending', 'Copying', 'Done', 'Failed')),
    rows_copied    bigint NOT NULL DEFAULT 0,
    bytes_copied   bigint NOT NULL DEFAULT 0,
    rows_estimated bigint,
    started_at     timestamptz,
    completed_at   timestamptz,
    PRIMARY KEY (replication_id, table_name)
);

CREATE TABLE replication_checkpoints (
    id                bigint GENERATED BY DEFAULT AS IDENTITY,
    replication_id    uuid NOT NULL REFERENCES replication_configs (id) ON DELETE CASCADE,
    lsn               bigint NOT NULL,
    transaction_id    bigint,
    checkpoint_time   timestamptz NOT NULL,
    flink_checkpoint  bigint,
    table_checkpoints jsonb,
    rows_replicated   bigint NOT NULL DEFAULT 0,
    bytes_replicated  bigint NOT NULL DEFAULT 0,
    lag_seconds       numeric(10, 3),
    created_at        timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id, checkpoint_time)
) PARTITION BY RANGE (checkpoint_time);
CREATE INDEX idx_checkpoints_replication ON replication_checkpoints (replication_id);
CREATE INDEX idx_checkpoints_time ON replication_checkpoints (checkpoint_time DESC);
CREATE INDEX idx_checkpoint_latest ON replication_checkpoints (replication_id, checkpoint_time DESC);

CREATE TABLE replication_metrics (
    id                      bigint GENERATED BY DEFAULT AS IDENTITY,
    replication_id          uuid NOT NULL REFERENCES replication_configs (id) ON DELETE CASCADE,
    timestamp               timestamptz NOT NULL,
    replication_lag_seconds numeric(10, 3),
    replication_lag_bytes   bigint,
    rows_per_second         numeric(12, 2),
    bytes_per_second        bigint,
    transactions_per_second numeric(10, 2),
    compression_ratio       numeric(5, 2),
    network_latency_ms      numeric(8, 2),
    apply_latency_ms        numeric(8, 2),
    cpu_usage_percent       numeric(5, 2),
    memory_usage_mb         bigint,
    conflicts_detected      integer DEFAULT 0,
    conflicts_resolved      integer DEFAULT 0,
    errors_count            integer DEFAULT 0,
    PRIMARY KEY (id, timestamp)
) PARTITION BY RANGE (timestamp);
CREATE INDEX idx_metrics_replication_time ON replication_metrics (replication_id, timestamp DESC);
CREATE INDEX idx_metrics_time_range ON replication_metrics (replication_id, timestamp DESC)
    WHERE replication_lag_seconds > 5;

CREATE TABLE replication_events (
    id             bigint GENERATED BY DEFAULT AS IDENTITY,
    replication_id uuid NOT NULL REFERENCES replication_configs (id) ON DELETE CASCADE,
    event_type     varchar(100) NOT NULL,
    severity       varchar(20) NOT NULL CHECK (severity IN ('Info', 'Warning', 'Error', 'Critical')),
    message        text NOT NULL,
    details        jsonb,
    actor          text,
    user_id        uuid,
    source_ip      inet,
    created_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id, created_at)
) PARTITION BY RANGE (created_at);
CREATE INDEX idx_events_replication ON replication_events (replication_id, created_at DESC);
CREATE INDEX idx_events_type ON replication_events (event_type);
CREATE INDEX idx_events_severity ON replication_events (severity);
CREATE INDEX idx_events_time ON replication_events (created_at DESC);

CREATE TABLE failover_history (
    id                   uuid NOT NULL DEFAULT gen_random_uuid(),
    replication_id       uuid NOT NULL REFERENCES replication_configs (id),
    trigger              varchar(100) NOT NULL,
    reason               text,
    old_source_id        uuid,
    new_source_id        uuid,
    failover_duration_ms bigint,
    downtime_ms          bigint,
    data_loss_bytes      bigint DEFAULT 0,
    status               varchar(50) NOT NULL,
    error_message        text,
    started_at           timestamptz NOT NULL,
    completed_at         timestamptz,
    created_by           uuid,
    PRIMARY KEY (id, started_at)
) PARTITION BY RANGE (started_at);
CREATE INDEX idx_failover_replication ON failover_history (replication_id);
CREATE INDEX idx_failover_status ON failover_history (status);
CREATE INDEX idx_failover_started ON failover_history (started_at DESC);

CREATE TABLE migration_history (
    id                       uuid NOT NULL DEFAULT gen_random_uuid(),
    tenant_id                varchar(255) NOT NULL,
    source_region            varchar(100) NOT NULL,
    target_region            varchar(100) NOT NULL,
    bulk_copy_completed_at   timestamptz,
    cdc_catchup_completed_at timestamptz,
    cutover_completed_at     timestamptz,
    data_size_gb             numeric(12, 2),
    total_duration_seconds   integer,
    downtime_ms              bigint,
    status                   varchar(50) NOT NULL,
    error_message            text,
    created_at               timestamptz NOT NULL DEFAULT now(),
    completed_at             timestamptz,
    created_by               uuid,
    PRIMARY KEY (id, created_at)
) PARTITION BY RANGE (created_at);
CREATE INDEX idx_migration_tenant ON migration_history (tenant_id);
CREATE INDEX idx_migration_status ON migration_history (status);
CREATE INDEX idx_migration_created ON migration_history (created_at DESC);

CREATE TABLE ml_models (
    id                        uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    model_type                varchar(100) NOT NULL,
    version                   varchar(50) NOT NULL,
    model_path                text NOT NULL,
    model_size_mb             numeric(10, 2),
    training_dataset_size     bigint,
    training_duration_seconds integer,
    accuracy                  numeric(5, 4),
    precision_score           numeric(5, 4),
    recall                    numeric(5, 4),
    f1_score                  numeric(5, 4),
    status                    varchar(50) NOT NULL,
    deployed_at               timestamptz,
    created_at                timestamptz NOT NULL DEFAULT now(),
    created_by                uuid
);
CREATE INDEX idx_ml_models_type ON ml_models (model_type);
CREATE INDEX idx_ml_models_status ON ml_models (status);

CREATE TABLE access_predictions (
    id                      bigint GENERATED BY DEFAULT AS IDENTITY,
    tenant_id               varchar(255) NOT NULL,
    table_name              varchar(255) NOT NULL,
    prediction_time         timestamptz NOT NULL,
    prediction_window_hours integer NOT NULL,
    predicted_access_count  integer,
    predicted_read_bytes    bigint,
    priority_score          numeric(5, 2),
    confidence              numeric(5, 4),
    model_id                uuid REFERENCES ml_models (id),
    created_at              timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id, prediction_time)
) PARTITION BY RANGE (prediction_time);
CREATE INDEX idx_predictions_tenant ON access_predictions (tenant_id);
CREATE INDEX idx_predictions_priority ON access_predictions (priority_score DESC);

CREATE TABLE replication_conflicts (
    id             bigint GENERATED BY DEFAULT AS IDENTITY,
    replication_id uuid NOT NULL REFERENCES replication_configs (id) ON DELETE CASCADE,
    detected_at    timestamptz NOT NULL DEFAULT now(),
    position       text NOT NULL,
    table_name     text NOT NULL,
    conflict_type  varchar(40) NOT NULL,
    resolution     varchar(40),
    reason         text,
    source_row     jsonb,
    target_row     jsonb,
    PRIMARY KEY (id, detected_at)
) PARTITION BY RANGE (detected_at);
CREATE INDEX idx_conflicts_replication ON replication_conflicts (replication_id, detected_at DESC);

CREATE TABLE quarantine (
    replication_id uuid NOT NULL REFERENCES replication_configs (id) ON DELETE CASCADE,
    position       text NOT NULL,
    table_name     text NOT NULL,
    operation      varchar(10) NOT NULL,
    sqlstate       varchar(5) NOT NULL,
    message        text NOT NULL,
    row_data       jsonb,
    quarantined_at timestamptz NOT NULL DEFAULT now(),
    resolved_at    timestamptz,
    PRIMARY KEY (replication_id, position)
);

CREATE TABLE api_keys (
    id           varchar(16) PRIMARY KEY, -- the public part of the key
    name         varchar(100) NOT NULL,
    secret_hash  bytea NOT NULL,          -- SHA-256 of 256 random bits: nothing to guess
    role         varchar(20) NOT NULL CHECK (role IN ('Admin', 'Operator', 'ReadOnly', 'TenantAdmin')),
    tenant_id    varchar(255),
    permissions  jsonb,                   -- narrows the role; null: all that the role may
    rate_tier    varchar(20) NOT NULL DEFAULT 'Standard',
    created_by   text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz,
    revoked_at   timestamptz,
    last_used_at timestamptz
);

CREATE TABLE oauth_clients (
    client_id   varchar(64) PRIMARY KEY,
    name        varchar(100) NOT NULL,
    secret_hash bytea NOT NULL,
    role        varchar(20) NOT NULL CHECK (role IN ('Admin', 'Operator', 'ReadOnly', 'TenantAdmin')),
    tenant_id   varchar(255),
    permissions jsonb,
    rate_tier   varchar(20) NOT NULL DEFAULT 'Standard',
    created_by  text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    revoked_at  timestamptz
);

-- What tokens of /oauth/token are signed with: the same for all instances.
CREATE TABLE signing_keys (
    kid         varchar(64) PRIMARY KEY,
    private_key bytea NOT NULL,           -- a JWK, encrypted as secrets are
    created_at  timestamptz NOT NULL DEFAULT now(),
    retired_at  timestamptz
);

CREATE TABLE audit_events (
    id            bigint GENERATED BY DEFAULT AS IDENTITY,
    created_at    timestamptz NOT NULL DEFAULT now(),
    actor         text NOT NULL,
    actor_kind    varchar(20) NOT NULL,
    source_ip     inet,
    request_id    text NOT NULL,
    method        varchar(10) NOT NULL,
    route         text NOT NULL,
    resource_type varchar(40),
    resource_id   text,
    tenant_id     text,
    outcome       varchar(20) NOT NULL CHECK (outcome IN ('Success', 'Refused', 'Failure')),
    status        integer NOT NULL,
    details       jsonb,
    PRIMARY KEY (id, created_at)
) PARTITION BY RANGE (created_at);
CREATE INDEX idx_audit_time ON audit_events (created_at DESC, id DESC);
CREATE INDEX idx_audit_resource ON audit_events (resource_type, resource_id);
