//! The commands of the test twin about the requests of a tenant: rules, throttle, record, assertions.

use clap::Args;

use super::TwinTenant;

/// Options of `twin rule`.
#[derive(Debug, Args)]
pub struct TwinRuleOptions {
    #[command(flatten)]
    pub of: TwinTenant,
    /// The rule to add, as JSON [default: list the rules]
    #[arg(value_name = "JSON", conflicts_with_all = ["delete", "clear"])]
    pub rule: Option<String>,
    /// Remove the rule with this id
    #[arg(long, value_name = "ID", conflicts_with = "clear")]
    pub delete: Option<String>,
    /// Remove all rules
    #[arg(long)]
    pub clear: bool,
}

/// Options of `twin throttle`.
#[derive(Debug, Args)]
pub struct TwinThrottleOptions {
    #[command(flatten)]
    pub of: TwinTenant,
    /// The settings, as JSON [default: show them]
    #[arg(value_name = "JSON")]
    pub throttle: Option<String>,
}

/// Options of `twin requests`.
#[derive(Debug, Args)]
pub struct TwinRequestsOptions {
    #[command(flatten)]
    pub of: TwinTenant,
    /// Requests after this number alone
    #[arg(long, value_name = "NUMBER")]
    pub after: Option<u64>,
    /// Requests with this method alone
    #[arg(long, value_name = "METHOD")]
    pub method: Option<String>,
    /// Requests whose path fits this pattern alone
    #[arg(long, value_name = "PATTERN")]
    pub path: Option<String>,
    /// Requests with this status alone
    #[arg(long, value_name = "STATUS")]
    pub status: Option<u16>,
    /// How many requests are listed at most [default: 1000]
    #[arg(long, value_name = "NUMBER")]
    pub limit: Option<u16>,
    /// Forget all requests
    #[arg(long, conflicts_with_all = ["after", "method", "path", "status", "limit"])]
    pub clear: bool,
}

/// Options of `twin verify`.
#[derive(Debug, Args)]
pub struct TwinVerifyOptions {
    #[command(flatten)]
    pub of: TwinTenant,
    /// The assertion, as JSON; the exit code is 1 if it does not hold
    #[arg(value_name = "JSON")]
    pub assertion: String,
}
