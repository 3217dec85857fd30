//! The options of `simulate` that are one of several words, by their names on the command line.

use clap::ValueEnum;

use crate::simulate::{AgentRules, Codes, Incident, ReportFormat};

/// Rules of agents by their names on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum AgentOption {
    /// three runs of a script that fails; system scripts run again for a new user; a report comes 2 to
    /// 10 s after the run
    Observed,
    /// four runs of a script that fails, as Microsoft's documentation says
    Documented,
}

/// Error codes by their names on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum CodesOption {
    /// the code and the description of the cause
    Rich,
    /// 99 without a description, as Intune's agent has been observed to report
    Intune,
}

/// Incidents by their names on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum IncidentOption {
    /// nothing new
    None,
    /// a firmware update clears the TPM of two models
    Tpm,
    /// a script no longer ends on one build of Windows
    Timeout,
    /// the VPN of remote staff is down
    Vpn,
    /// a script is replaced by one with a syntax error
    BadScript,
}

/// Forms of the report by their names on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ReportOption {
    /// lines for people
    Text,
    /// a JSON object
    Json,
}

impl From<AgentOption> for AgentRules {
    fn from(option: AgentOption) -> Self {
        match option {
            AgentOption::Observed => Self::Observed,
            AgentOption::Documented => Self::Documented,
        }
    }
}

impl From<CodesOption> for Codes {
    fn from(option: CodesOption) -> Self {
        match option {
            CodesOption::Rich => Self::Rich,
            CodesOption::Intune => Self::Intune,
        }
    }
}

impl From<IncidentOption> for Incident {
    fn from(option: IncidentOption) -> Self {
        match option {
            IncidentOption::None => Self::None,
            IncidentOption::Tpm => Self::Tpm,
            IncidentOption::Timeout => Self::Timeout,
            IncidentOption::Vpn => Self::Vpn,
            IncidentOption::BadScript => Self::BadScript,
        }
    }
}

impl From<ReportOption> for ReportFormat {
    fn from(option: ReportOption) -> Self {
        match option {
            ReportOption::Text => Self::Text,
            ReportOption::Json => Self::Json,
        }
    }
}
