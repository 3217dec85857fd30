//! The plain handler: a create of a run state as an engineer would write it by hand with the same
//! crates. It verifies the token of each request, inserts one row with one statement through a
//! connection pool of the same size, and replies with the stored row. It uses the same tables and
//! triggers. It has no links, entity tags, query options, row-level security or other routes.

use actix_web::error::{ErrorBadRequest, ErrorInternalServerError, ErrorUnauthorized};
use actix_web::web::{Data, Json, Path, get, post};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use chrono::{DateTime, FixedOffset, SecondsFormat};
use clap::Parser;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use runstate::auth::{KeySource, LOCAL_AUDIENCE, LOCAL_ISSUER, LocalIssuer};
use runstate::config::Config;
use serde::{Deserialize, Serialize};
use sqlx::postgres::{PgPool, PgPoolOptions, PgRow};
use sqlx::{FromRow, Row};
use uuid::Uuid;

use crate::Result;

/// The pool size of the server.
const POOL_SIZE: u32 = 16;
/// 1970-01-01 in stored ticks: units of 100 ns since the year 1.
const EPOCH: i64 = 621_355_968_000_000_000;

const INSERT: &str = "
    INSERT INTO device_state (tenant_id, script_id, id, last_state_update,
                              last_state_update_offset, run_state, error_code, result_message,
                              error_description, user_state_id)
    VALUES ($1, $2, $3, $4, $5, $6::run_state, $7, $8, $9, $10)
    RETURNING id, run_state::text, result_message, last_state_update, last_state_update_offset,
              error_code, error_description";

struct Handler {
    key: DecodingKey,
    validation: Validation,
    pool: PgPool,
}

/// The keys in the path.
#[derive(Deserialize)]
struct Keys {
    script: Uuid,
    user: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    tid: Uuid,
    scp: String,
}

/// A run state in the request and in the reply.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct State {
    #[serde(default)]
    id: String,
    run_state: String,
    result_message: Option<String>,
    last_state_update_date_time: String,
    error_code: i32,
    error_description: Option<String>,
}

/// A run state in the database.
struct Stored {
    id: String,
    run_state: String,
    result_message: Option<String>,
    last_state_update: i64,
    last_state_update_offset: i16,
    error_code: i32,
    error_description: Option<String>,
}

impl FromRow<'_, PgRow> for Stored {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: row.try_get("id")?,
            run_state: row.try_get("run_state")?,
            result_message: row.try_get("result_message")?,
            last_state_update: row.try_get("last_state_update")?,
            last_state_update_offset: row.try_get("last_state_update_offset")?,
            error_code: row.try_get("error_code")?,
            error_description: row.try_get("error_description")?,
        })
    }
}

/// Serves until the process ends. Reads the same settings as the server.
pub(crate) async fn serve() -> Result<()> {
    let settings = Config::try_parse_from(["plain-handler"])?.settings;
    let issuer = LocalIssuer::open(&settings.data_dir)?.issuer();
    let KeySource::Inline(keys) = issuer.keys else { return Err("no key is held".into()) };
    let keys: JwkSet = serde_json::from_str(&keys)?;
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_issuer(&[LOCAL_ISSUER]);
    validation.set_audience(&[LOCAL_AUDIENCE]);
    let pool = PgPoolOptions::new().max_connections(POOL_SIZE);
    let pool = pool.connect(&settings.database_url.unwrap_or_default()).await?;
    let key = DecodingKey::from_jwk(keys.keys.first().ok_or("there is no key")?)?;
    let handler = Data::new(Handler { key, validation, pool });
    let app = move || {
        let script = "/beta/deviceManagement/deviceManagementScripts/{script}";
        let app = App::new().app_data(handler.clone()).route("/health", get().to(HttpResponse::Ok));
        ["", "/userRunStates/{user}"].into_iter().fold(app, |app, user| {
            app.route(&format!("{script}{user}/deviceRunStates"), post().to(create))
        })
    };
    let workers = std::thread::available_parallelism()?.get();
    Ok(HttpServer::new(app).workers(workers).bind(settings.listen)?.run().await?)
}

async fn create(
    request: HttpRequest,
    keys: Path<Keys>,
    state: Json<State>,
    handler: Data<Handler>,
) -> actix_web::Result<HttpResponse> {
    let header = request.headers().get("Authorization").and_then(|value| value.to_str().ok());
    let token = header.and_then(|value| value.strip_prefix("Bearer "));
    let token = token.ok_or_else(|| ErrorUnauthorized("no token"))?;
    let claims = decode::<Claims>(token, &handler.key, &handler.validation);
    let claims = claims.map_err(ErrorUnauthorized)?.claims;
    if !claims.scp.split(' ').any(|it| it == "DeviceManagementManagedDevices.ReadWrite.All") {
        return Err(ErrorUnauthorized("no permission"));
    }
    let updated = DateTime::parse_from_rfc3339(&state.last_state_update_date_time);
    let updated = updated.map_err(ErrorBadRequest)?;
    let ticks =
        updated.timestamp() * 10_000_000 + i64::from(updated.timestamp_subsec_nanos() / 100);
    let minutes = i16::try_from(updated.offset().local_minus_utc() / 60);
    let stored: Stored = sqlx::query_as(INSERT)
        .bind(claims.tid)
        .bind(keys.script)
        .bind(Uuid::now_v7().to_string())
        .bind(ticks + EPOCH)
        .bind(minutes.map_err(ErrorBadRequest)?)
        .bind(&state.run_state)
        .bind(state.error_code)
        .bind(&state.result_message)
        .bind(&state.error_description)
        .bind(&keys.user)
        .fetch_one(&handler.pool)
        .await
        .map_err(ErrorInternalServerError)?;
    Ok(HttpResponse::Created().json(State::try_from(stored).map_err(ErrorInternalServerError)?))
}

impl TryFrom<Stored> for State {
    type Error = &'static str;

    fn try_from(stored: Stored) -> std::result::Result<Self, Self::Error> {
        let ticks = stored.last_state_update - EPOCH;
        let nanoseconds =
            u32::try_from(ticks.rem_euclid(10_000_000) * 100).map_err(|_| "invalid time")?;
        let instant = DateTime::from_timestamp(ticks.div_euclid(10_000_000), nanoseconds);
        let offset = FixedOffset::east_opt(i32::from(stored.last_state_update_offset) * 60);
        let offset = offset.ok_or("invalid offset")?;
        let updated = instant.ok_or("invalid time")?.with_timezone(&offset);
        Ok(Self {
            id: stored.id,
            run_state: stored.run_state,
            result_message: stored.result_message,
            last_state_update_date_time: updated.to_rfc3339_opts(SecondsFormat::AutoSi, true),
            error_code: stored.error_code,
            error_description: stored.error_description,
        })
    }
}
