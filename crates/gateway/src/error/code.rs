//! Codes of top-level errors (`extensions.code`).

use async_graphql::{Context, Error, ErrorExtensions, ServerError};

/// Why a request, or a part of it, was not answered. Part of the wire contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// The document is no GraphQL.
    ParseFailed,
    /// The document does not fit the schema.
    ValidationFailed,
    /// It is not clear which operation is meant.
    OperationResolutionFailure,
    /// The request itself has the wrong form.
    BadRequest,
    /// A value is not what the schema or a rule asks for.
    BadUserInput,
    /// A cursor that was not made for this list.
    BadCursor,
    /// No valid token.
    Unauthenticated,
    /// Not with this token.
    Forbidden,
    /// There is no such thing, or the caller may not know of it.
    NotFound,
    /// Somebody else was faster.
    Conflict,
    /// Nested too deep.
    QueryTooDeep,
    /// Too much is asked for.
    QueryTooComplex,
    /// Too many aliases.
    TooManyAliases,
    /// The document is too long.
    TooManyTokens,
    /// Too many fields at the root.
    TooManyRootFields,
    /// Several operations in one request.
    BatchingDisabled,
    /// The schema is not told here.
    IntrospectionDisabled,
    /// The hash stands for no document yet: send it along.
    PersistedQueryNotFound,
    /// Only documents of the service's list are executed, and this is none.
    PersistedQueryNotInList,
    /// Something else was done under this key.
    KeyReused,
    /// What this key stands for is being done.
    InProgress,
    /// It was done under this key, and its answer is lost.
    ResultLost,
    /// Try again later.
    Unavailable,
    /// The caller has asked for much: try again later.
    RateLimited,
    /// More is being done than can be done at once: try again.
    Overloaded,
    /// It took too long.
    Timeout,
    /// A fault.
    Internal,
}

impl Code {
    /// The code on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ParseFailed => "GRAPHQL_PARSE_FAILED",
            Self::ValidationFailed => "GRAPHQL_VALIDATION_FAILED",
            Self::OperationResolutionFailure => "OPERATION_RESOLUTION_FAILURE",
            Self::BadRequest => "BAD_REQUEST",
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::BadCursor => "BAD_CURSOR",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::NotFound => "NOT_FOUND",
            Self::Conflict => "CONFLICT",
            Self::QueryTooDeep => "QUERY_TOO_DEEP",
            Self::QueryTooComplex => "QUERY_TOO_COMPLEX",
            Self::TooManyAliases => "TOO_MANY_ALIASES",
            Self::TooManyTokens => "TOO_MANY_TOKENS",
            Self::TooManyRootFields => "TOO_MANY_ROOT_FIELDS",
            Self::BatchingDisabled => "BATCHING_DISABLED",
            Self::IntrospectionDisabled => "INTROSPECTION_DISABLED",
            Self::PersistedQueryNotFound => "PERSISTED_QUERY_NOT_FOUND",
            Self::PersistedQueryNotInList => "PERSISTED_QUERY_NOT_IN_LIST",
            Self::KeyReused => "IDEMPOTENCY_KEY_REUSED",
            Self::InProgress => "IN_PROGRESS",
            Self::ResultLost => "IDEMPOTENCY_RESULT_LOST",
            Self::Unavailable => "UNAVAILABLE",
            Self::RateLimited => "RATE_LIMITED",
            Self::Overloaded => "OVERLOADED",
            Self::Timeout => "TIMEOUT",
            Self::Internal => "INTERNAL",
        }
    }
}

/// An error with a code.
#[must_use]
pub fn coded(code: Code, message: impl Into<String>) -> Error {
    Error::new(message).extend_with(|_, extensions| extensions.set("code", code.name()))
}

/// Leaves the field null and says why, without touching anything beside it.
pub fn refuse(ctx: &Context<'_>, code: Code, message: &str) {
    let error: ServerError = coded(code, message).into_server_error(ctx.item.pos);
    ctx.add_error(ctx.set_error_path(error));
}
