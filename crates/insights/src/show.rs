//! The figures as a table for people.

use crate::figures::{Figures, Group, LEAST};
use std::fmt::Write;

/// One line for each group: team, skill, people per level from 0 to 5, attestations of the latest months, evidence.
pub fn table(figures: &Figures) -> String {
    let head =
        ["team", "skill", "0", "1", "2", "3", "4", "5", "attested", "recorded", "accepted", "median days"];
    let mut lines = vec![head.map(str::to_owned)];
    lines.extend(figures.groups.iter().map(cells));
    let width =
        |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default();
    let widths: [usize; 12] = std::array::from_fn(width);
    let mut text = String::new();
    for line in &lines {
        let cells: Vec<String> =
            line.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    // A string takes whatever is written to it.
    let _ = writeln!(text, "\nA dash hides what concerns fewer than {LEAST} people.");
    let _ = writeln!(text, "Groups that are for that reason not shown: {}", figures.suppressed);
    text
}

fn cells(group: &Group) -> [String; 12] {
    let level = |level: i64| match &group.levels {
        Some(levels) => levels.get(&level).copied().unwrap_or_default().to_string(),
        None => "-".to_owned(),
    };
    let months: Vec<String> =
        group.attested.iter().rev().take(3).map(|(month, number)| format!("{month}: {number}")).collect();
    let told = |figure: Option<String>| figure.unwrap_or_else(|| "-".to_owned());
    let evidence = group.evidence.as_ref();
    let accepted = evidence.and_then(|evidence| evidence.accepted);
    let median = evidence.and_then(|evidence| evidence.median_days);
    [
        group.team.clone(),
        group.skill.clone(),
        level(0),
        level(1),
        level(2),
        level(3),
        level(4),
        level(5),
        if months.is_empty() { "-".to_owned() } else { months.join(", ") },
        told(evidence.map(|evidence| evidence.recorded.to_string())),
        told(accepted.map(|accepted| accepted.to_string())),
        told(median.map(|median| format!("{median:.1}"))),
    ]
}
