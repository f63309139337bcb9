//! Tables about the organisation.

use super::super::{Table, organisational, technical};
use super::{FOR_GOOD, NOBODY};

/// Tables about the organisation.
pub(super) const TABLES: &[Table] = &[
    Table {
        name: "framework_version",
        purpose: "A career framework as it was drafted or published.",
        ground: "",
        retention: FOR_GOOD,
        erasure: NOBODY,
        columns: &[
            organisational("id"),
            technical("tenant_id"),
            organisational("framework_id"),
            organisational("framework_key"),
            organisational("number"),
            organisational("state"),
            organisational("content"),
            technical("created_at"),
            organisational("published_at"),
            technical("revision"),
        ],
    },
    Table {
        name: "skill",
        purpose: "Which published version a skill was last part of.",
        ground: "",
        retention: FOR_GOOD,
        erasure: NOBODY,
        columns: &[
            organisational("id"),
            technical("tenant_id"),
            organisational("framework_id"),
            organisational("version_id"),
            organisational("key"),
        ],
    },
    Table {
        name: "position",
        purpose: "Which version a position belongs to.",
        ground: "",
        retention: FOR_GOOD,
        erasure: NOBODY,
        columns: &[
            organisational("id"),
            technical("tenant_id"),
            organisational("version_id"),
            organisational("key"),
        ],
    },
    Table {
        name: "team",
        purpose: "The teams of the organisation.",
        ground: "",
        retention: FOR_GOOD,
        erasure: NOBODY,
        columns: &[
            organisational("id"),
            technical("tenant_id"),
            organisational("key"),
            organisational("title"),
            technical("revision"),
        ],
    },
];
