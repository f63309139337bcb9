//! The table of what each role may do, as data.

use super::Action;
use crate::kernel::{Permission, Role};
use std::collections::HashMap;
use std::sync::LazyLock;

/// How far a role reaches for an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    /// Not at all.
    Nobody,
    /// To everybody of the tenant.
    Everybody,
    /// To themselves.
    Own,
    /// To everybody who reports to them, directly or through others.
    Line,
    /// To the person whose case they look at.
    Case,
    /// To the people of the unit for which the role was granted.
    Unit,
    /// To everybody of the tenant, with this permission.
    With(Permission),
}

impl Cell {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "-" => Self::Nobody,
            "everybody" => Self::Everybody,
            "own" => Self::Own,
            "line" => Self::Line,
            "case" => Self::Case,
            "unit" => Self::Unit,
            permission => Self::With(Permission::named(permission)?),
        })
    }
}

type Table = HashMap<(Action, Role), Cell>;

/// Whatever cannot be read in it allows nothing.
static TABLE: LazyLock<Table> = LazyLock::new(|| parse(include_str!("table.csv")));

fn parse(text: &str) -> Table {
    let mut lines = text.lines().map(|line| line.split(',').map(str::trim).collect::<Vec<_>>());
    let header = lines.next().unwrap_or_default();
    let mut table = Table::new();
    for line in lines {
        let action = Action::ALL.into_iter().find(|action| line.first() == Some(&action.name()));
        for (name, text) in header.iter().zip(&line).skip(1) {
            if let (Some(action), Some(role), Some(cell)) = (action, Role::named(name), Cell::parse(text)) {
                table.insert((action, role), cell);
            }
        }
    }
    table
}

/// How far a role reaches for an action; not at all unless the table says so.
#[must_use]
pub fn cell(action: Action, role: Role) -> Cell {
    TABLE.get(&(action, role)).copied().unwrap_or(Cell::Nobody)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_can_be_read() {
        assert_eq!(TABLE.len(), Action::ALL.len() * Role::ALL.len());
        assert_eq!(include_str!("table.csv").lines().count(), Action::ALL.len() + 1);
    }

    #[test]
    fn what_cannot_be_read_allows_nothing() {
        let table = parse("action,engineer,king\nread-profile,maybe,everybody\nrule,everybody,everybody\n");
        assert!(table.is_empty(), "{table:?}");
    }
}
