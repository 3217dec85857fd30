//! Why a valid token does not permit a request.

/// Why a token does not permit a request.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub enum ForbiddenReason {
    #[error("Personal Microsoft accounts are not supported.")]
    PersonalAccount,
    #[error("Application tokens are not supported; a user must be signed in.")]
    ApplicationToken,
    #[error("The token has none of the permissions of which one is needed.")]
    NoPermission,
}
