//! `runstate snippet`: a program that signs in at this server and uses it, with the variables of
//! `runstate env` and nothing else.

use super::{Failure, output};
use crate::config::{Language, SnippetOptions};

pub(super) fn run(options: SnippetOptions) -> Result<(), Failure> {
    let program = match options.language {
        Language::Python => include_str!("snippet/python.py"),
        Language::Javascript => include_str!("snippet/javascript.mjs"),
        Language::Powershell => include_str!("snippet/powershell.ps1"),
        Language::Go => include_str!("snippet/go.go"),
        Language::Dotnet => include_str!("snippet/dotnet.cs"),
        Language::Terraform => include_str!("snippet/terraform.tf"),
        Language::Curl => include_str!("snippet/curl.sh"),
    };
    output::print(program)
}
