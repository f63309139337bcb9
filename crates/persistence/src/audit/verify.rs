//! Verifying: a page of the chain is computed anew, and its end is held against the head.

use super::faults::{Found, classify};
use super::row::entry;
use crate::error::Result;
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, QueryResult, Statement, Value};
use waymark_domain::audit::{Anchor, AuditFault, AuditFaultKind, Verification};
use waymark_domain::kernel::{DomainId, TenantId};

/// A part of a chain, read in one statement: sealers may go on meanwhile, and still head and entries are of one moment.
struct Part {
    head: Option<Anchor>,
    rows: Vec<Found>,
}

/// Looks at no more than `most` entries after this place.
pub(super) async fn verify(
    db: &impl ConnectionTrait,
    tenant: TenantId,
    after: &Anchor,
    most: u32,
) -> Result<Verification> {
    let given = after.number > 0;
    let limit = i64::from(most) + i64::from(given);
    let Part { head, rows } = read(db, tenant, after.number, limit).await?;
    let full = i64::try_from(rows.len()).unwrap_or(i64::MAX) >= limit;
    let verification = |checked, reached, complete, fault| {
        let complete = complete && Option::is_none(&fault);
        Verification { checked, reached, head: head.clone(), complete, fault }
    };
    let rows = match given {
        true => match anchored(after, &head, &rows) {
            Ok(rows) => rows,
            Err(fault) => return Ok(verification(0, after.clone(), false, Some(fault))),
        },
        false => &rows[..],
    };
    let (reached, fault) = walk(after, &head, rows);
    let checked = u64::try_from(reached.number - after.number).unwrap_or_default();
    let fault = fault.or_else(|| if full { None } else { at_the_end(&reached, &head, rows) });
    Ok(verification(checked, reached, !full, fault))
}

/// The rows after the one where the look begins, if that one is what the caller noted.
fn anchored<'r>(after: &Anchor, head: &Option<Anchor>, rows: &'r [Found]) -> Result<&'r [Found], AuditFault> {
    let here = |row: Option<&Found>, kind| Err(fault(after.number, row, kind));
    match rows.split_first() {
        Some((first, rest)) if first.number == after.number => {
            let same = first.entry.as_ref().is_some_and(|entry| entry.hash == after.hash);
            if same { Ok(rest) } else { here(Some(first), AuditFaultKind::Unexpected) }
        }
        Some(_) => here(None, AuditFaultKind::Missing),
        None => {
            let end = head.as_ref().map_or(0, |head| head.number);
            // The head may have been set back as well: then the cut is where the chain ends now.
            let number = after.number.min(end + 1);
            Err(fault(number, None, AuditFaultKind::TailCut))
        }
    }
}

/// How far the rows are what was sealed, and what is wrong with the first that is not.
fn walk(after: &Anchor, head: &Option<Anchor>, rows: &[Found]) -> (Anchor, Option<AuditFault>) {
    // Without a head it is the end of the chain that is wrong.
    let end = head.as_ref().map_or(i64::MAX, |head| head.number);
    let mut reached = after.clone();
    for (index, row) in rows.iter().enumerate() {
        let due = reached.number + 1;
        if due > end {
            // Nothing was sealed beyond the head.
            return (reached, Some(fault(row.number, Some(row), AuditFaultKind::Inserted)));
        }
        if row.number != due {
            return (reached, Some(fault(due, None, AuditFaultKind::Missing)));
        }
        match row.follows(&reached) {
            Some(next) => reached = next,
            None => {
                let kind = classify(&rows[index..], &reached);
                return (reached, Some(fault(due, Some(row), kind)));
            }
        }
    }
    (reached, None)
}

/// What is wrong at the end of the chain, once all of it was seen.
fn at_the_end(reached: &Anchor, head: &Option<Anchor>, rows: &[Found]) -> Option<AuditFault> {
    let last = rows.last();
    match head {
        None if *reached == Anchor::start() => None,
        None => Some(fault(reached.number, last, AuditFaultKind::HeadChanged)),
        Some(head) if head == reached => None,
        Some(head) if head.number > reached.number => {
            Some(fault(reached.number + 1, None, AuditFaultKind::TailCut))
        }
        Some(_) => Some(fault(reached.number, last, AuditFaultKind::HeadChanged)),
    }
}

fn fault(number: i64, row: Option<&Found>, kind: AuditFaultKind) -> AuditFault {
    let entry = row.and_then(|row| row.entry.as_ref()).map(|entry| entry.id.into());
    AuditFault { number, entry, kind }
}

async fn read(db: &impl ConnectionTrait, tenant: TenantId, from: i64, limit: i64) -> Result<Part> {
    let backend = db.get_database_backend();
    let this = match backend {
        DbBackend::Sqlite => "$1",
        _ => "cast($1 as uuid)",
    };
    let sql = format!(
        "select h.number as head_number, h.hash as head_hash, e.*
         from (select {this} as tenant_id) t
         left join audit_chain h on h.tenant_id = t.tenant_id
         left join audit_entry e on e.tenant_id = t.tenant_id and e.number >= $2
         order by e.number limit $3"
    );
    let values: Vec<Value> = vec![tenant.uuid().into(), from.into(), limit.into()];
    let rows = db.query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    let head = match rows.first() {
        Some(row) => row.try_get::<Option<i64>>("", "head_number")?.zip(row.try_get("", "head_hash")?),
        None => None,
    };
    let rows = rows.iter().map(found).collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
    Ok(Part { head: head.map(|(number, hash)| Anchor { number, hash }), rows })
}

/// A row, whatever became of its values; nothing for the one that only brings the head.
fn found(row: &QueryResult) -> Result<Option<Found>> {
    let number: Option<i64> = row.try_get("", "number")?;
    Ok(number.map(|number| Found { number, entry: entry::Model::from_query_result(row, "").ok() }))
}
