//! The rows of a CSV of people.

use crate::kernel::{Refusal, RefusalCode, Refusals, excerpt};
use crate::people::Profile;
use chrono::NaiveDate;
use std::collections::{HashMap, HashSet};

/// Most rows of one import.
pub const MAX_ROWS: usize = 10_000;

/// Most columns of a file.
const MAX_COLUMNS: usize = 50;

/// Columns that a file may have, in any order; those marked must be there.
const COLUMNS: [(&str, bool); 8] = [
    ("external_id", true),
    ("name", true),
    ("email", false),
    ("discipline", false),
    ("team", false),
    ("manager_external_id", false),
    ("position", false),
    ("since", false),
];

/// A row whose cells are well-formed; whether what it refers to exists is still open.
pub(super) struct Row {
    pub line: u32,
    pub profile: Profile,
    pub team: Option<String>,
    pub manager: Option<String>,
    pub position: Option<String>,
    pub since: Option<NaiveDate>,
    columns: HashMap<&'static str, u32>,
}

impl Row {
    /// A refusal of one of the row's cells.
    pub fn refuse(&self, column: &str, code: RefusalCode, message: impl Into<String>) -> Refusal {
        let number = self.columns.get(column).copied().unwrap_or(1);
        Refusal::of(column, code, message).on_line(self.line, number)
    }
}

/// What a file says: rows that are well-formed, and what is wrong with the others.
pub(super) struct Rows {
    pub rows: Vec<Row>,
    pub problems: Refusals,
    /// External ids of rows that are broken: others may refer to them all the same.
    pub broken: HashSet<String>,
}

/// Reads all rows.
///
/// # Errors
/// When the file as a whole cannot be read: its header is wrong, it is empty or too long.
pub(super) fn read(text: &str) -> Result<Rows, Refusals> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let columns = columns(&mut reader)?;
    let mut problems = Refusals::default();
    let (mut rows, mut broken) = (Vec::new(), HashSet::new());
    for (number, record) in reader.into_records().enumerate() {
        if number >= MAX_ROWS {
            let message = format!("At most {MAX_ROWS} rows are imported at once; split the file.");
            return Err(Refusal::new(RefusalCode::Invalid, message).into());
        }
        match record {
            Ok(record) => match row(&record, &columns, &mut problems) {
                Some(row) => rows.push(row),
                None => {
                    broken.extend(columns.get("external_id").and_then(|i| record.get(*i)).map(str::to_owned))
                }
            },
            Err(error) => problems.push(malformed(&error)),
        }
    }
    if rows.is_empty() && problems.0.is_empty() {
        return Err(Refusal::new(RefusalCode::Required, "The file has no row below its header.").into());
    }
    Ok(Rows { rows, problems, broken })
}

fn malformed(error: &csv::Error) -> Refusal {
    let line = error.position().map_or(1, |position| number(position.line()));
    Refusal::new(RefusalCode::Malformed, "The line is not readable CSV.").on_line(line, 1)
}

fn columns(reader: &mut csv::Reader<&[u8]>) -> Result<HashMap<&'static str, usize>, Refusals> {
    let header = reader.headers().map_err(|error| malformed(&error))?;
    if header.len() > MAX_COLUMNS {
        let message = format!("The file has {} columns; at most {MAX_COLUMNS} are read.", header.len());
        return Err(Refusal::new(RefusalCode::Invalid, message)
            .on_line(1, number(MAX_COLUMNS as u64 + 1))
            .into());
    }
    let mut problems = Refusals::default();
    let mut columns = HashMap::new();
    for (index, name) in header.iter().enumerate() {
        let refuse = |code, message| Refusal::new(code, message).on_line(1, number(index as u64 + 1));
        match COLUMNS.iter().find(|(known, _)| *known == name) {
            None => {
                let message = format!("The column {} is not known.", excerpt(name));
                problems.push(refuse(RefusalCode::UnknownField, message));
            }
            Some((known, _)) => {
                if columns.insert(*known, index).is_some() {
                    problems
                        .push(refuse(RefusalCode::Duplicate, format!("The column `{known}` stands twice.")));
                }
            }
        }
    }
    for (name, _) in COLUMNS.iter().filter(|(name, required)| *required && !columns.contains_key(name)) {
        let message = format!("The column `{name}` is missing.");
        problems.push(Refusal::of(name, RefusalCode::Required, message).on_line(1, 1));
    }
    problems.or(columns)
}

fn row(
    record: &csv::StringRecord,
    columns: &HashMap<&'static str, usize>,
    problems: &mut Refusals,
) -> Option<Row> {
    let line = record.position().map_or(1, |position| number(position.line()));
    let numbers: HashMap<_, _> = columns.iter().map(|(name, i)| (*name, number(*i as u64 + 1))).collect();
    let at = |column: &str| numbers.get(column).copied().unwrap_or(1);
    if record.len() > columns.len() {
        let message = format!("The row has {} cells, the header {}.", record.len(), columns.len());
        let place = number(columns.len() as u64 + 1);
        problems.push(Refusal::new(RefusalCode::Malformed, message).on_line(line, place));
        return None;
    }
    let cell = |name: &str| columns.get(name).and_then(|index| record.get(*index)).unwrap_or_default();
    let optional = |name: &str| Some(cell(name).to_owned()).filter(|text| !text.is_empty());
    let before = problems.0.len();
    let profile = Profile::new(cell("external_id"), cell("name"), cell("email"), cell("discipline"));
    let profile = profile.map_err(|refusals| {
        problems.0.extend(refusals.into_iter().map(|refusal| {
            let column = at(refusal.field.first().map_or("", String::as_str));
            refusal.on_line(line, column)
        }));
    });
    let since = optional("since").map(|text| {
        NaiveDate::parse_from_str(&text, "%Y-%m-%d").map_err(|_| {
            let message = format!("{} is not a day like 2026-03-01.", excerpt(&text));
            problems.push(Refusal::of("since", RefusalCode::Invalid, message).on_line(line, at("since")));
        })
    });
    if cell("position").is_empty() != cell("since").is_empty() {
        let (column, message) = if cell("since").is_empty() {
            ("since", "The first day in the position is missing.")
        } else {
            ("position", "The position is missing.")
        };
        problems.push(Refusal::of(column, RefusalCode::Required, message).on_line(line, at(column)));
    }
    if problems.0.len() > before {
        return None;
    }
    Some(Row {
        line,
        profile: profile.ok()?,
        team: optional("team"),
        manager: optional("manager_external_id"),
        position: optional("position"),
        since: since.and_then(Result::ok),
        columns: numbers,
    })
}

fn number(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
